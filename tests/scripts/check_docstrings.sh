#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_docstrings.sh PROJECT_FOLDER
# Docstrings of the headers in include/ keep their form: sections in the order below, each at the start of a comment
# line, each at most once. Headers have at most 300 lines. Programs, examples and the documentation's code use nothing of
# a namespace or folder detail. Prints one line per violation, "file:line: rule"; status 1 when there is one.
set -euo pipefail
cd "$1"

violations=$(
  find include -name '*.hpp' -print0 | sort -z | xargs -0 -r awk '
    BEGIN {
      count = split("Brief Maths Shapes Units Requires Throws Cost Determinism Reference", names, " ")
      for (i = 1; i <= count; ++i) {
        place[names[i]] = i
        any = any (i > 1 ? "|" : "") names[i]
      }
    }
    function report(rule) { print FILENAME ":" FNR ": " rule }
    FNR == 1 { marker = ""; last = 0 }
    FNR == 301 { report("a header has at most 300 lines") }
    {
      # A comment line by itself: the marker, then the text. Others end the docstring.
      line = $0
      sub(/^ */, "", line)
      found = ""
      if (match(line, /^\/\/\/?[ ]/)) found = substr(line, 1, RLENGTH - 1)
      else if (line == "///" || line == "//") found = line
      if (found != marker) last = 0
      marker = found
      if (found == "") next
      text = substr(line, length(found) + 2)
      if (text ~ "^(" any "), [a-z, ]*:") report("each section has a line of its own")
      if (match(text, "^(" any "):( |$)")) {
        name = substr(text, 1, index(text, ":") - 1)
        if (place[name] == last) report("a section occurs once: " name)
        if (place[name] < last) report("sections are in order: " name " after " names[last])
        last = place[name]
        text = substr(text, length(name) + 2)
      }
      if (text ~ "(^|[ .;(])(" any "):( |$)") report("a section begins its comment line")
    }'

  find examples -name '*.?pp' -print0 | sort -z | xargs -0 -r awk '
    { sub(/\/\/.*/, "") }
    /(^|[^A-Za-z0-9_])detail::|::detail *[;{]|#include .*\/detail\// {
      print FILENAME ":" FNR ": detail is private to the library"
    }'

  { find README.md -print0; find docs -name '*.md' -print0 | sort -z; } 2>/dev/null | xargs -0 -r awk '
    FNR == 1 { inside = 0 }
    /^```/ { inside = !inside; next }
    inside && /(^|[^A-Za-z0-9_])detail::|::detail *[;{]|#include .*\/detail\// { print FILENAME ":" FNR ": detail is private to the library" }'
)
if [[ -n $violations ]]; then
  echo "$violations"
  exit 1
fi
