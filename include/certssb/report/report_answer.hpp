// SPDX-License-Identifier: MIT
#pragma once
// Brief: an answer in two forms.

#include "certssb/report/json_parse.hpp"

#include <string>

namespace certssb {
inline namespace v1 {

/// Brief: the same answer for programs and for people.
struct report_answer {
  json object;
  std::string text;
};

}  // namespace v1
}  // namespace certssb
