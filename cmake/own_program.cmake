# SPDX-License-Identifier: MIT
# How our own programs are compiled; nothing here reaches a consumer.

function(certssb_own_program target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
  # GCC 12 takes its own AVX-512 intrinsics, and the checks that sanitizers put in, for uses of unset variables.
  target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-uninitialized>")
  if(CERTSSB_NATIVE)
    target_compile_options(${target} PRIVATE -march=native)
  endif()
  if(CERTSSB_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${CERTSSB_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${CERTSSB_SANITIZE})
  endif()
endfunction()
