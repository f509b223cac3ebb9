// SPDX-License-Identifier: Apache-2.0
// The report's style sheet: bright and dark as the reader's system is, rows of one line on a wide screen and of three
// on a phone.
#pragma once

namespace pvbench {

inline constexpr char page_style[] = R"css(
:root { --page: #ffffff; --text: #1c2127; --quiet: #5d6773; --line: #d9dee4; --tenon: #1766c2; --linux: #b86a10;
  --track: #f0f3f6; --whisker: #1c2127; --worse: #b3261e; --better: #157347; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181d; --text: #e4e8ed; --quiet: #9aa5b1; --line: #333b45; --tenon: #5aa2f0; --linux: #e0963c;
    --track: #20262e; --whisker: #e4e8ed; --worse: #ff8a80; --better: #69d29a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
nav a { margin-right: .75rem; color: var(--tenon); }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; }
.key.tenon { background: var(--tenon); }
.key.linux { background: var(--linux); }
.scroll { overflow-x: auto; }
ul { margin: .25rem 0; padding-left: 1.5rem; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--quiet); }
table { border-collapse: collapse; font-size: .875rem; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; min-width: 4rem; }
figure { margin: 1rem 0 1.5rem; }
figcaption { margin-bottom: .25rem; font-weight: 600; }
figcaption small, .quiet { color: var(--quiet); font-weight: 400; }
.row { display: grid; grid-template-columns: 11rem 1fr 6rem 8rem 12rem; gap: 0 .75rem; align-items: center;
  grid-template-areas: "platform bar value tail ratio"; padding: .15rem 0; font-variant-numeric: tabular-nums; }
.row.absent { grid-template-columns: 11rem 1fr; grid-template-areas: "platform reason"; }
.platform { grid-area: platform; }
.bar { grid-area: bar; display: block; width: 100%; height: 1.1rem; background: var(--track); border-radius: 2px; }
.tenon .bar rect { fill: var(--tenon); }
.linux .bar rect { fill: var(--linux); }
.bar line { stroke: var(--whisker); stroke-width: 1.5; }
.value { grid-area: value; text-align: right; font-weight: 600; }
.tail { grid-area: tail; color: var(--quiet); }
.ratio { grid-area: ratio; }
.reason { grid-area: reason; }
.better { color: var(--better); }
.worse { color: var(--worse); }
@media (max-width: 48rem) {
  .row { grid-template-columns: 1fr auto; grid-template-areas: "platform value" "bar bar" "ratio tail";
    padding: .4rem 0; }
  .row.absent { grid-template-columns: 1fr; grid-template-areas: "platform" "reason"; }
  .tail { text-align: right; }
}
)css";

}  // namespace pvbench
