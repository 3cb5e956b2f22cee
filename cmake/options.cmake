# SPDX-License-Identifier: MIT
# What a build of certssb can be asked for. A consumer gets none of it unless it asks.

option(CERTSSB_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_BUILD_PROGRAM "Build the certssb program, and install it where CERTSSB_INSTALL is on" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_BUILD_BENCHMARKS "Build the benchmarks" OFF)
option(CERTSSB_INSTALL "Make the install rules and the CMake package" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_NATIVE "Compile our own programs for this machine's instruction set" OFF)
set(CERTSSB_SANITIZE "" CACHE STRING "Sanitizers of our own programs, e.g. address,undefined or thread")
set(CERTSSB_TEST_FOLDERS "" CACHE STRING "Build only the test programs of these folders, e.g. unit/data;golden")
option(CERTSSB_TEST_PROOFS "Also test what is not a test program: headers, misuse, consumers, other compilers" ON)
