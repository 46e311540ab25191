// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one style sheet: logical properties only, so that it serves right-to-left pages as it is;
// nothing is told by colour alone; tables become cards below 40rem.

#include <string_view>

namespace comity::server {

inline constexpr std::string_view style_sheet = R"(
:root { --ink: #1b1f24; --soft: #57606a; --line: #c9d1d9; --link: #0b57a4; --band: #f3f5f7; }
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, "Noto Sans", sans-serif; color: var(--ink); background: #fff; }
body { margin: 0; overflow-wrap: anywhere; }
header, main, footer { max-inline-size: 64rem; margin-inline: auto; padding-inline: 1rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, input:focus-visible, select:focus-visible, button:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { position: static; display: block; padding: .5rem 1rem; }
.banner { margin: 0; max-inline-size: none; padding: .5rem 1rem; text-align: center; background: #fff4cf; border-block-end: 2px solid #8a6d00; font-weight: 600; }
.site { font-weight: 700; font-size: 1.15rem; margin-block: .75rem .25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding-block: .5rem; }
nav a[aria-current] { color: var(--ink); font-weight: 700; }
.main-nav { border-block: 1px solid var(--line); }
.trail { font-size: .9rem; }
.trail li + li::before { content: "›"; margin-inline-end: 1rem; color: var(--soft); }
h1 { font-size: 1.7rem; line-height: 1.25; margin-block: 1rem; }
h2 { font-size: 1.25rem; margin-block: 2rem .5rem; }
h3 { font-size: 1.05rem; margin-block: 1.25rem .25rem; }
p, ul, ol { max-inline-size: 46rem; }
.lead { font-size: 1.1rem; }
.state { border: 2px solid var(--ink); padding: .5rem .75rem; display: inline-block; font-weight: 600; }
dl > div { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: 0 1rem; padding-block: .3rem; border-block-end: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; }
table { border-collapse: collapse; inline-size: 100%; margin-block: 1rem; }
caption { text-align: start; font-weight: 600; padding-block: .5rem; }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-block-end: 1px solid var(--line); }
thead th { border-block-end: 2px solid var(--ink); }
tbody th { font-weight: 600; }
thead th, .n { overflow-wrap: normal; }
.n { text-align: end; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
tbody th { min-width: 8rem; }
mark { background: none; color: inherit; border-inline-start: .3rem solid var(--link); padding-inline-start: .4rem; font-weight: 700; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
pre { overflow-x: auto; background: var(--band); padding: .75rem; font-size: .85rem; white-space: pre-wrap; }
details { margin-block: .75rem; }
summary { cursor: pointer; padding-block: .4rem; font-weight: 600; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin-block: 1rem; padding: .75rem; background: var(--band); }
label { display: grid; gap: .2rem; font-size: .9rem; }
input, select, button { font: inherit; min-block-size: 2.75rem; padding-inline: .6rem; border: 1px solid var(--soft); background: #fff; color: var(--ink); }
button { font-weight: 600; }
ol.journey { padding-inline-start: 1.5rem; }
ol.journey > li { padding-block: .4rem; }
ol.journey > li > p { margin: 0; }
.forms, .pages, .note { color: var(--soft); font-size: .95rem; }
footer { border-block-start: 1px solid var(--line); margin-block-start: 3rem; padding-block: 1rem; font-size: .9rem; color: var(--soft); }
@media (max-width: 40rem) {
  thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: block; border: 1px solid var(--line); margin-block: .75rem; padding: .25rem .6rem; }
  tbody th, tbody td { display: grid; grid-template-columns: 8rem 1fr; gap: .75rem; border: 0; padding: .25rem 0; text-align: start; }
  tbody th::before, tbody td::before { content: attr(data-label); color: var(--soft); font-weight: 400; }
  tbody .n { text-align: start; }
  .lines tbody td { display: inline-flex; gap: .4rem; margin-inline-end: 1rem; padding: 0; }
  .lines tbody th { display: block; }
  .lines tbody th::before { content: none; }
  dl > div { grid-template-columns: 1fr; }
}
@media print {
  nav, .forms, form, .skip { display: none; }
  thead { display: table-header-group; }
  a { color: inherit; }
}
)";

}  // namespace comity::server
