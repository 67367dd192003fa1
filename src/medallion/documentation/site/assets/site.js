"use strict";

// Search: every word has to be found somewhere in an entry; what is found in its name comes first.
(() => {
  const input = document.getElementById("search");
  const list = document.getElementById("results");
  const status = document.getElementById("search-status");
  const index = window.CATALOG_INDEX;
  if (!input || !index) return;
  const root = document.body.dataset.root;
  const kinds = [
    ["domain", "Domains"],
    ["concept", "Concepts"],
    ["product", "Products"],
    ["port", "Output ports"],
    ["table", "Tables"],
    ["column", "Columns"],
    ["source", "Sources"],
  ];
  const mostOfAKind = 12;
  const plain = (text) => text.toLowerCase().replace(/[_\-./]+/g, " ");
  const entries = index.map((entry) => ({
    entry,
    name: plain(entry.t),
    rest: plain([entry.t, entry.c, entry.d, entry.x].join(" ")) + " " + entry.t.toLowerCase(),
  }));
  let chosen = -1;

  const score = (one, words) => {
    let total = 0;
    for (const word of words) {
      if (one.name === word) total += 8;
      else if (one.name.startsWith(word)) total += 5;
      else if ((" " + one.name).includes(" " + word)) total += 4;
      else if (one.name.includes(word)) total += 2;
      else if (!one.rest.includes(word)) return 0;
      else total += (" " + one.rest).includes(" " + word) ? 1 : 0.5;
    }
    return total;
  };

  const element = (name, attributes, text) => {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text) made.textContent = text;
    return made;
  };

  const option = (entry, number) => {
    const link = element("a", { href: root + entry.u, role: "option", id: "result-" + number, tabindex: "-1", "aria-selected": "false" });
    link.append(element("b", {}, entry.t));
    if (entry.c) link.append(element("span", { class: "context" }, entry.c));
    if (entry.d) link.append(element("span", { class: "said" }, entry.d));
    return link;
  };

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const search = () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    close();
    if (!words.length) {
      status.textContent = "";
      return;
    }
    const found = entries.map((one) => [score(one, words), one.entry]).filter(([points]) => points > 0);
    found.sort((a, b) => b[0] - a[0]);
    const best = (kind) => found.find(([, entry]) => entry.k === kind)?.[0] ?? 0;
    const order = kinds.map(([kind, title]) => [best(kind), kind, title]).filter(([points]) => points > 0);
    order.sort((a, b) => b[0] - a[0]);
    let number = 0;
    for (const [, kind, title] of order) {
      const own = found.filter(([, entry]) => entry.k === kind);
      const more = own.length > mostOfAKind ? `${title} · the first ${mostOfAKind} of ${own.length}` : title;
      const group = element("div", { role: "group", "aria-label": more });
      group.append(element("div", { class: "group", "aria-hidden": "true" }, more));
      own.slice(0, mostOfAKind).forEach(([, entry]) => group.append(option(entry, number++)));
      list.append(group);
    }
    if (!number) list.append(element("p", { class: "nothing" }, "Nothing is called or described like that."));
    status.textContent = found.length === 1 ? "1 result" : `${found.length} results`;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };

  const choose = (step) => {
    const options = list.querySelectorAll("a");
    if (!options.length) return;
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = (chosen + step + options.length + (chosen < 0 && step < 0 ? 1 : 0)) % options.length;
    options[chosen].setAttribute("aria-selected", "true");
    options[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[chosen].id);
  };

  input.addEventListener("input", search);
  input.addEventListener("focus", () => input.value && search());
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) search();
      choose(event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
    } else if (event.key === "Enter") {
      const options = list.querySelectorAll("a");
      (options[chosen] ?? options[0])?.click();
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      close();
      event.preventDefault();
    }
  });
  list.addEventListener("click", (event) => event.target.closest("a") && close());
  document.addEventListener("click", (event) => event.target.closest(".search") || close());
  document.addEventListener("focusin", (event) => event.target.closest(".search") || close());
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      input.focus();
      event.preventDefault();
    }
  });
})();

// A product that was fresh when the site was built may be stale by the reader's clock.
for (const badge of document.querySelectorAll("[data-fresh-since]")) {
  const until = Date.parse(badge.dataset.freshSince) + badge.dataset.freshHours * 3600 * 1000;
  if (Date.now() > until) {
    badge.textContent = "stale since this page was built";
    badge.className = "badge bad";
  }
}

// Graphs: what a box is joined to, all the way back and on, stands out while it is pointed at or focused.
for (const graph of document.querySelectorAll(".graph")) {
  const edges = [...graph.querySelectorAll(".edge")];
  const nodes = [...graph.querySelectorAll(".node")];
  const reach = (start, from, to) => {
    const reached = new Set([start]);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      edges.forEach((edge) => reached.has(edge.dataset[from]) && reached.add(edge.dataset[to]));
    }
    return reached;
  };
  const point = (node) => {
    const before = reach(node.dataset.key, "to", "from");
    const after = reach(node.dataset.key, "from", "to");
    graph.classList.add("pointed");
    nodes.forEach((one) => one.classList.toggle("on", before.has(one.dataset.key) || after.has(one.dataset.key)));
    edges.forEach((edge) => {
      const isOn = before.has(edge.dataset.to) || after.has(edge.dataset.from);
      edge.classList.toggle("on", isOn);
    });
  };
  // The table of the page is to be seen first, where a graph is too wide for the screen.
  const here = graph.querySelectorAll(".here");
  if (here.length === 1) {
    const box = here[0].querySelector("rect");
    graph.scrollLeft = box.x.baseVal.value + box.width.baseVal.value / 2 - graph.clientWidth / 2;
  }
  const leave = () => graph.classList.remove("pointed");
  nodes.forEach((node) => {
    node.addEventListener("pointerenter", () => point(node));
    node.addEventListener("focus", () => point(node));
    node.addEventListener("pointerleave", leave);
    node.addEventListener("blur", leave);
  });
}

// A source that an address points at is opened.
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches("details")) target.open = true;
};
window.addEventListener("hashchange", open);
open();
