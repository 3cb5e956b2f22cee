// SPDX-License-Identifier: MIT
// Two other files of this program include every header; that it links shows that no definition is made twice.
int forwards();
int backwards();

int main() { return forwards() + backwards(); }
