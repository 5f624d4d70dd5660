/** Style sheet of the benchmark's page: light and dark, from a phone's width up. */
export const style = `
:root { --text: #24292f; --faint: #57606a; --line: #d8dee4; --ground: #fff; --panel: #f6f8fa;
  --mark: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --faint: #9198a1; --line: #30363d; --ground: #0d1117; --panel: #151b23;
    --mark: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem; background: var(--ground);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 0.5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
p { color: var(--faint); max-width: 45rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0 0 1.5rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
main { columns: 2 30rem; column-gap: 1rem; }
figure { break-inside: avoid; margin: 0 0 1rem; padding: 0.75rem; background: var(--panel); border: 1px solid var(--line);
  border-radius: 8px; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: 0.25rem; }
figure div { position: relative; }
section { overflow-x: auto; margin-bottom: 1.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); }
/* All tables have columns of the same width. */
th { font-weight: 400; width: 8.5rem; }
th:first-child { width: 18rem; }
th:nth-child(3) { width: 4.5rem; }
thead th { color: var(--faint); }
tr th:first-child { text-align: left; padding-left: 0; }
thead th:first-child { color: var(--text); font-weight: 600; }
@media (max-width: 40rem) {
  body { font-size: 14px; padding: 0.75rem; }
  table { font-size: 13px; width: 100%; }
  th, th:first-child { width: auto; }
  th, td { padding: 0.15rem 0.25rem; }
  tr th:first-child { white-space: normal; min-width: 8rem; }
  .wide, th:nth-child(3), td:nth-child(3) { display: none; }
}
`;
