// What HTML alone does not do: fresh tokens, and a guard for what is typed and not yet saved.
"use strict";
(function () {
  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
    return found ? decodeURIComponent(found.slice("csrftoken=".length)) : "";
  }

  // A log-in in another window changes the token; the cookie always has the one that counts.
  function refresh(form) {
    const field = form.querySelector("input[name=csrfmiddlewaretoken]");
    if (field && token()) field.value = token();
  }

  const unsaved = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) unsaved.add(form);
  });
  document.addEventListener("submit", (event) => {
    refresh(event.target);
    unsaved.delete(event.target);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if ("csrfmiddlewaretoken" in event.detail.parameters && token()) {
      event.detail.parameters.csrfmiddlewaretoken = token();
    }
    event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("equipoise:saved", (event) => {
    unsaved.delete(event.target.closest("form[data-guard]"));
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size) event.preventDefault();
  });

  // A choice that takes effect at once; without this script its button does it.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  // Keys 1-9 and letters stay the browser's; Alt+S saves from anywhere in a form.
  document.addEventListener("keydown", (event) => {
    if (event.altKey && !event.ctrlKey && event.code === "KeyS") {
      const button = document.querySelector("[data-save]");
      if (button) { event.preventDefault(); button.click(); }
    }
  });

  // On a narrow screen a wide table shows its rows one below the other: each cell knows its head.
  function nameCells(table) {
    const heads = Array.from(table.querySelectorAll("thead th"), (head) => head.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      if (row.cells.length !== heads.length) continue;
      Array.from(row.cells).forEach((cell, place) => { cell.dataset.head = heads[place]; });
    }
    table.classList.add("has-heads");
  }
  document.querySelectorAll("table.stacked").forEach(nameCells);
})();
