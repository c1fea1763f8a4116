# Compiler settings that hold for every target of this build.
#
# moonlet_options        what all our code is compiled with
# moonlet_vm_options     in addition, for the layers that the VM consists of
# moonlet_profile_options  and what programs have been seen to run most (scripts/write_profile.sh)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MOONLET_CCACHE ccache)
  if(MOONLET_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${MOONLET_CCACHE}")
  endif()
endif()

set(moonlet_is_clang OFF)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(moonlet_is_clang ON)
endif()

if(moonlet_is_clang AND NOT APPLE)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=lld MOONLET_HAS_LLD)
  if(MOONLET_HAS_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

add_library(moonlet_options INTERFACE)
# A fused multiply-add would round differently on machines that have one: states must not differ.
target_compile_options(moonlet_options INTERFACE
  -ffp-contract=off
  -Wall -Wextra -Wpedantic -Wshadow
  -Wextra-semi -Wformat=2 -Wimplicit-fallthrough -Wnon-virtual-dtor -Woverloaded-virtual -Wvla)
if(MOONLET_WERROR)
  target_compile_options(moonlet_options INTERFACE -Werror)
endif()
if(moonlet_is_clang)
  # A struct declared where it is used, in an anonymous union; both compilers take it as it is meant.
  target_compile_options(moonlet_options INTERFACE -Wno-nested-anon-types)
else()
  # These depend on what g++ 12 inlines and report correct code of its own library; clang and the
  # sanitizers look for the same mistakes.
  target_compile_options(moonlet_options INTERFACE
    -Wno-array-bounds -Wno-dangling-pointer -Wno-maybe-uninitialized -Wno-restrict
    -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(MOONLET_STRESS)
  target_compile_definitions(moonlet_options INTERFACE MOONLET_STRESS=1)
endif()

# The program starts in two thirds of the time when no library has to be looked for, and in 0.7 of
# the memory when it has only the functions that something calls.
set(moonlet_static_default OFF)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT MOONLET_SANITIZE)
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -static-pie MOONLET_HAS_STATIC_PIE)
  set(moonlet_static_default "${MOONLET_HAS_STATIC_PIE}")
endif()
if(MOONLET_HAS_LLD AND NOT MOONLET_SANITIZE)
  set(MOONLET_ORDERS_FUNCTIONS ON)
endif()
option(MOONLET_STATIC_PROGRAMS "Link the moonlet program statically" ${moonlet_static_default})

add_library(moonlet_vm_options INTERFACE)
target_compile_options(moonlet_vm_options INTERFACE -fno-exceptions -fno-rtti)

# How often each branch and function was taken by programs: 6 % of the time of bench/programs. A function
# that has changed since the profile was written is compiled without it; nothing that a program can
# see depends on it. Functions of one file go by its name alone, so that the folder does not matter.
add_library(moonlet_profile_options INTERFACE)
set(MOONLET_PROFILE_FILE "${PROJECT_SOURCE_DIR}/cmake/moonlet.profdata")
set(MOONLET_USES_PROFILE OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19
   AND CMAKE_BUILD_TYPE MATCHES "^Rel" AND NOT MOONLET_SANITIZE)
  if(MOONLET_PROFILE STREQUAL "use" AND EXISTS "${MOONLET_PROFILE_FILE}")
    set(MOONLET_USES_PROFILE ON)
    target_compile_options(moonlet_profile_options INTERFACE
      "-fprofile-use=${MOONLET_PROFILE_FILE}" "SHELL:-mllvm -static-func-full-module-prefix=false"
      -Wno-profile-instr-out-of-date -Wno-profile-instr-unprofiled -Wno-backend-plugin)
  elseif(MOONLET_PROFILE STREQUAL "generate")
    target_compile_options(moonlet_profile_options INTERFACE
      "-fprofile-generate=${PROJECT_BINARY_DIR}/profile"
      # Not which functions are called by address, or how many bytes are copied: that would be these
      # programs' own.
      "SHELL:-mllvm -disable-vp" "SHELL:-mllvm -static-func-full-module-prefix=false")
    add_link_options("-fprofile-generate=${PROJECT_BINARY_DIR}/profile")
  endif()
endif()

if(MOONLET_SANITIZE)
  set(moonlet_sanitize_flags "-fsanitize=${MOONLET_SANITIZE}" -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  if(MOONLET_SANITIZE MATCHES "undefined")
    # Needs type information, which the VM layers are built without.
    list(APPEND moonlet_sanitize_flags -fno-sanitize=vptr)
  endif()
  add_compile_options(${moonlet_sanitize_flags})
  add_link_options(${moonlet_sanitize_flags})
endif()

# The interpreter. Merging the two 8-byte halves of a value into one 16-byte move costs 20 to 100 %
# in store forwarding, so the vectoriser that does it stays off; labels as values are its means of
# dispatch and not in the standard.
# Settings for one folder or program are targets too, linked last: clang goes by the last flag.
add_library(moonlet_interpreter_options INTERFACE)
if(moonlet_is_clang)
  target_compile_options(moonlet_interpreter_options INTERFACE
    -fno-slp-vectorize -Wno-gnu-label-as-value)
else()
  target_compile_options(moonlet_interpreter_options INTERFACE
    -fno-tree-slp-vectorize -Wno-pedantic)
endif()
if(MOONLET_UNCHARGED)
  target_compile_definitions(moonlet_interpreter_options INTERFACE MOONLET_UNCHARGED=1)
endif()
if(NOT MOONLET_DISPATCH STREQUAL "auto")
  string(TOUPPER "${MOONLET_DISPATCH}" moonlet_dispatch_upper)
  target_compile_definitions(moonlet_interpreter_options INTERFACE
    "MOONLET_DISPATCH_${moonlet_dispatch_upper}=1")
endif()
if(MOONLET_DISPATCH STREQUAL "goto" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang"
   AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19)
  # Otherwise clang 19 folds all indirect jumps of the loop into one (13 % slower).
  target_compile_options(moonlet_interpreter_options INTERFACE
    "SHELL:-mllvm -tail-dup-pred-size=100000"
    "SHELL:-mllvm -tail-dup-succ-size=100000"
    "SHELL:-mllvm -tail-dup-size=40")
endif()

# An expectation on an unsigned count compares it with a plain literal.
add_library(moonlet_test_options INTERFACE)
target_compile_options(moonlet_test_options INTERFACE -Wno-sign-compare)
