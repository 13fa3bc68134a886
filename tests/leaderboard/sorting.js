// A page of two columns without a browser: clicks on its heads, and the order of rows after each.
const fs = require("fs"), vm = require("vm");
let reads = 0;
const rows = JSON.parse(process.argv[3]).map((values) => {
  const cells = values.map((value) => ({ dataset: typeof value === "object" && value !== null ? value : {}, textContent: String(value) }));
  return { get cells() { reads += 1; return cells; } };
});
let moves = 0;
const body = { rows, append(...sorted) { moves += 1; this.rows = sorted; } };
const table = { tBodies: [body] };
const head = (index, first) => {
  const attributes = {};
  return { cellIndex: index, dataset: { first }, closest: () => table, getAttribute: (name) => attributes[name] ?? null,
    setAttribute: (name, value) => { attributes[name] = value; }, removeAttribute: (name) => { delete attributes[name]; } };
};
const heads = [head(0, "ascending"), head(1, "descending")];
heads.forEach((each) => { each.parentElement = { cells: heads }; });
const clicks = [];
const buttons = heads.map((each, place) => ({ closest: () => each, addEventListener: (_, act) => { clicks[place] = act; } }));
const classes = new Set();
const document = {
  documentElement: { classList: { contains: (name) => classes.has(name), toggle: () => {} } },
  querySelectorAll: (what) => what === "thead button" ? buttons : what === "th[aria-sort]" ? heads.filter((each) => each.getAttribute("aria-sort")) : [],
  querySelector: () => null,
};
vm.runInNewContext(fs.readFileSync(process.argv[2], "utf8"), { document });
const names = () => body.rows.map((row) => row.cells[0].textContent);
const found = {};
clicks[1](); found.first = names(); found.aria = heads[1].getAttribute("aria-sort");
clicks[1](); found.second = names();
clicks[0](); found.byName = names(); found.cleared = heads[1].getAttribute("aria-sort");
classes.add("only-certified"); clicks[1](); found.certified = names();
reads = moves = 0; clicks[1](); found.reads = reads; found.moves = moves;
console.log(JSON.stringify(found));
