// Filling in a form from the keyboard: Enter goes on, Ctrl+S saves, terms found are picked.
"use strict";
(function () {
  const form = document.querySelector("form.entry");
  if (!form || form.classList.contains("read-only")) return;

  // Tab goes from value to value; the rest has keys of its own.
  for (const each of form.querySelectorAll("select.kind, .trail-link, .find")) each.tabIndex = -1;

  // Of a group of radio buttons one is reached: the one that is chosen, else the first.
  function isEntrance(radio) {
    const group = [...form.querySelectorAll(`input[type=radio][name="${CSS.escape(radio.name)}"]`)];
    return radio === (group.find((each) => each.checked && each.value) || group[0]);
  }
  function isStop(each) {
    const shown = each.offsetParent !== null && each.tabIndex >= 0;
    return shown && (each.type !== "radio" || isEntrance(each));
  }
  function goOn(from) {
    const places = ".items input:not([type=hidden]), .items select, .items textarea, .entry-actions input, .entry-actions button";
    const after = (each) => from.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = [...form.querySelectorAll(places)].find(
      (each) => isStop(each) && after(each) && !(each.type === "radio" && each.name === from.name));
    if (next) next.focus();
  }

  form.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Enter" && event.ctrlKey) {
      const button = form.querySelector("button[value=complete_form], button[value=change_form]");
      if (button) { event.preventDefault(); button.click(); }
    } else if (event.key === "Enter" && target.matches("input, select")) {
      event.preventDefault();
      goOn(target);
    } else if (event.altKey && event.code === "KeyM") {
      const item = target.closest(".item");
      const kind = item && item.querySelector("select.kind, .kinds input");
      if (!kind) return;
      event.preventDefault();
      const isBack = target === kind || target.closest(".kinds");
      (isBack ? item.querySelector("input, textarea, select") : kind).focus();
    } else if (event.key === "ArrowDown" && target.dataset.search) {
      const first = document.getElementById(target.dataset.search).querySelector("input");
      if (first) { event.preventDefault(); first.focus(); first.click(); }
    } else if (event.key === "Escape" && target.closest(".search")) {
      const search = target.closest(".search");
      search.querySelector(".found").replaceChildren();
      search.querySelector("input").focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyS") {
      event.preventDefault();
      form.querySelector("[data-save]").click();
    }
  });

  // A term found goes into its field; the mouse closes the list, the arrow keys leave it open.
  form.addEventListener("change", (event) => {
    if (event.target.name.startsWith("pick.")) {
      event.target.closest(".search").querySelector("[data-search]").value = event.target.value;
    }
  });
  form.addEventListener("click", (event) => {
    if (event.detail > 0 && event.target.matches("input[name^='pick.']")) {
      const search = event.target.closest(".search");
      const close = () => { search.querySelector(".found").replaceChildren(); search.querySelector("input").focus(); };
      setTimeout(close, 300); // after the check of what was picked is on its way
    }
  });

  // What is said beside a field is said of the field too.
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const told = event.detail.target;
    if (!told.id || !told.id.startsWith("told-")) return;
    const item = document.getElementById(`item-${told.id.slice(5)}`);
    const isWrong = Boolean(document.querySelector(`#${CSS.escape(told.id)} .hard`));
    for (const each of item.querySelectorAll(".item-line input, .item-line select, .item-line textarea")) {
      if (isWrong) each.setAttribute("aria-invalid", "true"); else each.removeAttribute("aria-invalid");
    }
  });

  const summary = document.getElementById("summary");
  if (summary) summary.focus();
})();
