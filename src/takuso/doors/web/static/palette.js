// Ctrl+K: screens, this page's keys and typed numbers by name. It only presses what stands on the page and fills in
// the line on top; without this file the link "コマンド" leads to a page with the same list.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  const entry = document.querySelector("form.entry");
  if (!dialog || !entry || !dialog.showModal) return;
  const box = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector("[data-none]");
  const numberLabel = dialog.querySelector("[data-number]").dataset.number;
  let options = null;
  let active = null;

  const narrow = (text) => text.normalize("NFKC").toLowerCase();
  const fold = (text) =>
    narrow(text)
      .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
      .replace(/[\s\-ー‐−・'’]/g, "");
  // The table of readings.py.
  const ROMAJI = [
    [/tch/g, "tty"], [/(s|c)h(?=[aueo])/g, "$1y"], [/cy/g, "ty"], [/shi/g, "si"], [/chi|tyi/g, "ti"], [/tsu/g, "tu"],
    [/fu/g, "hu"], [/ji/g, "zi"], [/jy?(?=[aueo])/g, "zy"], [/m(?=[bp])/g, "n"], [/nn/g, "n"], [/ou/g, "o"],
    [/([aiueo])\1+/g, "$1"],
  ];
  const oneRomaji = (text) => ROMAJI.reduce((said, [found, instead]) => said.replace(found, instead), text);
  const digits = (text) => narrow(text).replace(/[\s\-ー‐−]/g, "");

  const line = (label, words, key) => {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.id = `palette-${list.children.length + 1}`;
    option.dataset.words = words;
    const name = document.createElement("span");
    name.textContent = label;
    option.append(name);
    if (key) cap(option, key);
    list.append(option);
    return option;
  };
  const cap = (option, key) => {
    const kbd = document.createElement("kbd");
    kbd.textContent = key === "Escape" ? "Esc" : key;
    option.append(kbd);
  };
  const label = (element) =>
    [...element.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("").trim();

  // What the page itself can do joins the list: its keys, and every button that says what it is called.
  const complete = () => {
    options = [...list.children];
    for (const element of document.querySelectorAll("[data-words]:not([role=option]):not(:disabled)")) {
      const key = element.dataset.key;
      const to = (element.getAttribute("href") || "").match(/^\/screens\/([A-Z0-9]+)/);
      const known = key !== "Escape" && to && options.find((option) => option.dataset.go === to[1]);
      if (known) {
        if (!known.querySelector("kbd")) cap(known, key);
        known.dataset.words += ` ${element.dataset.words}`;
        continue;
      }
      const option = line(label(element), element.dataset.words, key);
      option.press = element;
      options.push(option);
    }
    const option = line(numberLabel, "");
    option.dataset.number = "";
    options.push(option);
  };

  const choose = (option) => {
    active?.setAttribute("aria-selected", "false");
    active = option || null;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) box.setAttribute("aria-activedescendant", active.id);
    else box.removeAttribute("aria-activedescendant");
  };
  const shown = () => options.filter((option) => !option.hidden);

  const filter = () => {
    const typed = fold(box.value);
    const romaji = oneRomaji(typed);
    const number = digits(box.value);
    const isNumber = /^([0-9]{14}|[0-9]{22})$/.test(number);
    for (const option of options) {
      const words = option.dataset.words.split(" ");
      const named = words.some((word) => word.includes(typed) || word.includes(romaji));
      option.hidden = "number" in option.dataset ? !isNumber : isNumber || !named;
    }
    // A name that begins with what was typed stands before one that only contains it.
    const begins = shown().find((option) =>
      option.dataset.words.split(" ").some((word) => word.startsWith(typed) || word.startsWith(romaji)));
    choose(begins || shown()[0]);
    status.textContent = shown().length ? "" : status.dataset.none;
  };

  const openBy = (screen, customer) => {
    entry.elements.screen.value = screen;
    entry.elements.customer.value = customer;
    entry.requestSubmit();
  };
  const run = (option) => {
    const typed = digits(box.value);
    dialog.close();
    if (option.press) {
      option.press.click();
    } else if ("number" in option.dataset) {
      openBy(entry.elements.screen.value, typed);
    } else if ("customer" in option.dataset) {
      const customer = digits(entry.elements.customer.value);
      if (/^[0-9]{14}$/.test(customer)) openBy(option.dataset.go, customer);
      else location.assign(`/screens/${option.dataset.go}`);
    } else if (option.dataset.go) {
      openBy(option.dataset.go, "");
    } else {
      location.assign(option.dataset.to);
    }
  };

  const open = () => {
    if (dialog.open) return;
    if (!options) complete();
    box.value = "";
    filter();
    dialog.showModal();
    box.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.metaKey || event.shiftKey) return;
    if (!event.ctrlKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
  document.querySelector("[data-palette]")?.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  box.addEventListener("input", filter);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const all = shown();
    const at = all.indexOf(active);
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter") active && run(active);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) run(option);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
})();
