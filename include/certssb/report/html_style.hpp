// SPDX-License-Identifier: MIT
#pragma once
// Brief: the style of the report's page.

#include <string_view>

namespace certssb {
inline namespace v1 {
namespace detail {

inline constexpr std::string_view page_style = R"css(
body { margin: 0; background: #fff; color: #222; font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 0.75rem; padding-bottom: 0.25rem; border-bottom: 1px solid #ddd; }
h3 { font-size: 1.1rem; margin: 1.75rem 0 0.5rem; }
p, dl { max-width: 46rem; }
.lead { font-size: 1.08rem; }
.note { color: #555; font-size: 0.92rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.4rem 0.6rem; border-bottom: 1px solid #e4e4e4; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #999; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.uncertified td { color: #6b6b6b; font-style: italic; }
dt { font-weight: 600; }
dd { margin: 0 0 0.75rem 1.25rem; }
figure { margin: 1.25rem 0 2rem; }
figure svg { width: 100%; max-width: 54rem; height: auto; }
figcaption { color: #555; font-size: 0.92rem; max-width: 46rem; }
.examples img { width: 112px; height: auto; image-rendering: pixelated; border: 1px solid #ccc; }
summary { cursor: pointer; font-weight: 600; margin-top: 1.5rem; }
)css";

}  // namespace detail
}  // namespace v1
}  // namespace certssb
