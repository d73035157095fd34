// パスキー: asks the device. Without this file, without a device or with another browser, codes still work.
"use strict";

const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const answered = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  });
};

const created = (given) =>
  navigator.credentials.create({
    publicKey: {
      challenge: toBytes(given.challenge),
      rp: { id: given.host, name: given.title },
      user: { id: toBytes(given.handle), name: given.person, displayName: given.person },
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -257 },
      ],
      excludeCredentials: (given.known || "").split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: toBytes(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    },
  });

const shown = (given) =>
  navigator.credentials.get({
    publicKey: { challenge: toBytes(given.challenge), rpId: given.host, userVerification: "required" },
  });

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!globalThis.PublicKeyCredential) continue;
  const form = button.form;
  const failed = document.getElementById(`${button.id}-failed`);
  button.hidden = false;
  if (button.dataset.passkey === "create") {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.click();
    });
  }
  button.addEventListener("click", async () => {
    const code = form.elements.second;
    if (code) code.required = false;
    try {
      if (!form.reportValidity()) return;
      const credential = await (button.dataset.passkey === "create" ? created : shown)(button.dataset);
      form.elements.passkey.value = answered(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    } finally {
      if (code) code.required = true;
    }
  });
}
