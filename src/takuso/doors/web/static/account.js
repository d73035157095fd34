// パスワードの表示: without this file passwords stay hidden, and everything else works.
"use strict";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(field.type === "password"));
  // What is sent is a password again, so that the browser keeps it as one.
  field.form?.addEventListener("submit", () => show(false));
}
