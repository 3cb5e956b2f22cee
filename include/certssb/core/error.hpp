// SPDX-License-Identifier: MIT
#pragma once
// Brief: everything the library throws, derived from one base.

#include <stdexcept>

namespace certssb {
inline namespace v1 {

/// Brief: base of every exception that certssb throws; `what()` is one line that names the argument,
/// what was expected and what was got.
class error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Brief: an argument outside its range, or two arguments that do not fit together (shapes, lengths).
class argument_error : public error {
public:
  using error::error;
};

/// Brief: a file, or data read from one, that breaks the rules of its format; or a folder that cannot be written.
class data_error : public error {
public:
  using error::error;
};

/// Brief: the observer asked the algorithm to stop; nothing is wrong with the arguments.
class cancelled : public error {
public:
  cancelled() : error("cancelled by the observer") {}
};

}  // namespace v1
}  // namespace certssb
