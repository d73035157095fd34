// Function keys: each presses the link or button of the bar that carries it. Without this file the bar still works.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.disabled = false;
  button.addEventListener("click", () => window.print());
}

document.querySelector("[data-focus]")?.focus();

document.addEventListener("keydown", (event) => {
  // During kana-kanji conversion Esc and the function keys belong to the input method.
  if (event.isComposing || event.keyCode === 229 || event.repeat || event.defaultPrevented) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (!/^(F\d+|Escape)$/.test(event.key)) return;
  const place = document.querySelector(`[data-key="${event.key}"]:not(:disabled)`);
  if (!place) return;
  event.preventDefault();
  place.click();
});
