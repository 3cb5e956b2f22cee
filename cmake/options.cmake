# SPDX-License-Identifier: MIT
# What a build of certssb can be asked for. A consumer gets none of it unless it asks.

option(CERTSSB_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_BUILD_PROGRAM "Build the certssb program, and install it where CERTSSB_INSTALL is on" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_BUILD_BENCHMARKS "Build the benchmarks" OFF)
option(CERTSSB_WITH_TORCH "Make the component torch, and the program's models that PyTorch trains" OFF)
option(CERTSSB_INSTALL "Make the install rules and the CMake package" ${PROJECT_IS_TOP_LEVEL})
option(CERTSSB_NATIVE "Compile our own programs for this machine's instruction set" OFF)
set(CERTSSB_SANITIZE "" CACHE STRING "Sanitizers of our own programs, e.g. address,undefined or thread")
set(CERTSSB_TEST_FOLDERS "" CACHE STRING "Build only the test programs of these folders, e.g. unit/data;golden")
option(CERTSSB_TEST_LONG "Also the test programs that take long: every algorithm with every bundled tensor, statistics" ON)
option(CERTSSB_TEST_PROOFS "Also test what is not one of the folders' programs: headers, misuse, consumers, other compilers" ON)

# Puts the tests of this directory into the ring that `./quickstart.sh test all` runs.
function(certssb_tests_of_ring_all)
  get_property(names DIRECTORY PROPERTY TESTS)
  foreach(name IN LISTS names)
    set_property(TEST ${name} APPEND PROPERTY LABELS all)
  endforeach()
endfunction()
