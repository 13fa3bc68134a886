"use strict";
(() => {
  const root = document.documentElement;

  const valueOf = (row, column) => {
    const { value, certified } = row.cells[column].dataset;
    const shown = certified !== undefined && root.classList.contains("only-certified") ? certified : value;
    if (shown === undefined) return row.cells[column].textContent.trim().toLowerCase();
    return shown === "" ? null : Number(shown);
  };

  const sort = (table, column, isDescending) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row, place) => ({ row, place, value: valueOf(row, column) }));
    rows.sort((a, b) => {
      if (a.value === b.value) return a.place - b.place;
      if (a.value === null || b.value === null) return a.value === null ? 1 : -1; // what has no value comes last
      return (a.value < b.value ? -1 : 1) * (isDescending ? -1 : 1);
    });
    body.append(...rows.map(({ row }) => row));
  };

  const sortAgain = () => {
    for (const head of document.querySelectorAll("th[aria-sort]")) {
      sort(head.closest("table"), head.cellIndex, head.getAttribute("aria-sort") === "descending");
    }
  };

  for (const button of document.querySelectorAll("thead button")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const before = head.getAttribute("aria-sort");
      const first = head.dataset.first || "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", before === first ? other : first);
      sort(head.closest("table"), head.cellIndex, head.getAttribute("aria-sort") === "descending");
    });
  }

  for (const box of document.querySelectorAll("input[data-class]")) {
    const follow = () => {
      root.classList.toggle(box.dataset.class, box.checked);
      sortAgain();
    };
    box.addEventListener("change", follow);
    follow(); // a browser may keep what was ticked
  }

  const search = document.querySelector("input[type=search]");
  if (search) {
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      for (const row of document.querySelectorAll("table.board tbody tr")) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
      }
    });
  }
})();
