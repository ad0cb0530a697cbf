// 7 Table. Numbers to the right, units in the head; the chosen row has a bar and a tint.
import { html } from "../lib.js";

// columns: [{name, label, num, cell(row), sort}]; the first one names the row.
// sorted: {name, down}.
export function Table({ label, columns, rows, keyOf, current, sorted, onSort, onRow }) {
  const sort = (column) => (sorted?.name !== column.name ? undefined
    : sorted.down ? "descending" : "ascending");
  return html`<div class="card table-scroll" tabindex="0" role="region" aria-label=${label}>
    <table class="table">
      <thead><tr>${columns.map((column) => html`<th scope="col"
        class=${column.num ? "num" : undefined} aria-sort=${sort(column)}>
        ${column.sort && onSort
          ? html`<button type="button" class="table-sort" onClick=${() => onSort(column.name)}>
              ${column.label}</button>`
          : column.label}
      </th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${keyOf(row)}
        aria-current=${current !== undefined && keyOf(row) === current ? "true" : undefined}
        onClick=${onRow && (() => onRow(row))}>
        ${columns.map((column, i) => (i === 0
          ? html`<th scope="row">${column.cell(row)}</th>`
          : html`<td class=${column.num ? "num" : undefined}>${column.cell(row)}</td>`))}
      </tr>`)}</tbody>
    </table>
  </div>`;
}
