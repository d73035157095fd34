// Function keys: each presses the link or button of the bar that carries it. Without this file the bar still works.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.disabled = false;
  button.addEventListener("click", () => window.print());
}

document.querySelector("[data-focus]")?.focus();

// During kana-kanji conversion every key belongs to the input method.
const composing = (event) => event.isComposing || event.keyCode === 229;

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.repeat || event.defaultPrevented) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (!/^(F\d+|Escape)$/.test(event.key) || document.querySelector("dialog[open]")) return;
  const place = document.querySelector(`[data-key="${event.key}"]:not(:disabled)`);
  if (!place) return;
  event.preventDefault();
  place.click();
});

// Enter moves on in forms that say so, Shift+Enter back; on the button, which is the last stop, Enter sends.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || composing(event) || event.defaultPrevented) return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const here = event.target;
  const form = here.form;
  if (!form || !("enter" in form.dataset)) return;
  if (here.matches("textarea") || (here.matches("button") && !event.shiftKey)) return;
  const stops = [...form.elements].filter((stop) =>
    stop.matches("input:not([type=hidden]), select, textarea, button") && !stop.disabled && stop.offsetParent !== null
    && (stop.type !== "radio" || stop.checked || stop === here));
  const next = stops[stops.indexOf(here) + (event.shiftKey ? -1 : 1)];
  event.preventDefault();
  if (!next) return;
  next.focus();
  if (next.matches("input:not([type=radio]):not([type=checkbox])")) next.select();
});
