# SPDX-License-Identifier: MIT
# cmake -D PROGRAM=... [-D EXPECTED=...] -P run_and_compare.cmake
# Runs a program; fails unless it ends well and prints exactly what the file EXPECTED holds, where there is one.

execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${status}; it printed:\n${printed}")
endif()
if(EXISTS "${EXPECTED}")
  file(READ ${EXPECTED} expected)
  if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "${EXPECTED} expects:\n${expected}\n${PROGRAM} printed:\n${printed}")
  endif()
endif()
