# SPDX-License-Identifier: MIT
# awk -v prefix=OUT -f snippets.awk PAGE.md
# Writes each ```cpp block that has an #include to OUT_NAME.cpp, NAME from a comment <!-- snippet: NAME --> on a line
# before it, or else its number.
function finish() {
  if (block ~ /#include/) {
    file = prefix "_" (name != "" ? name : ++number) ".cpp"
    printf "%s", block > file
    close(file)
  }
  inside = 0
  name = ""
}
/^<!-- snippet: [A-Za-z0-9_]+ -->$/ { name = $3; next }
!inside && /^```cpp$/ { inside = 1; block = ""; next }
inside && /^```$/ { finish(); next }
inside { block = block $0 "\n" }
