# What every Comity target shares: the language level, the warnings, the sanitizers, and the
# functions that declare a module and a program.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(COMITY_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined or thread")
set(COMITY_SANITIZE_NOT "" CACHE STRING "Checks of those sanitizers to leave out, e.g. null")
option(COMITY_WERROR "Treat warnings as errors (on in CI and in the dev presets)" OFF)
option(COMITY_HARDEN "Hardening flags of shipped programs (needs optimisation)" OFF)
option(COMITY_COVERAGE "Instrument for gcovr" OFF)
option(COMITY_BENCH "Build the Google Benchmark programs of bench/" OFF)
option(COMITY_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

# One cache over all presets and clones. The sloppiness is what makes precompiled headers cacheable;
# base_dir and nohashdir let a second clone in another folder use what the first one compiled.
find_program(COMITY_CCACHE ccache)
if(COMITY_CCACHE AND (NOT CMAKE_CXX_COMPILER_LAUNCHER OR CMAKE_CXX_COMPILER_LAUNCHER STREQUAL "ccache"))
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${COMITY_CCACHE}
    )
endif()

add_library(comity_options INTERFACE)
target_include_directories(comity_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(comity_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(
    comity_options
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
              -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wsuggest-override>
              # std::stable_sort of libstdc++ 12 uses what libstdc++ 12 itself deprecates
              $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
              $<$<BOOL:${COMITY_WERROR}>:-Werror>
              $<$<BOOL:${COMITY_COVERAGE}>:--coverage>
)
target_link_options(comity_options INTERFACE $<$<BOOL:${COMITY_COVERAGE}>:--coverage>)
if(COMITY_SANITIZE)
    add_compile_options(
        -fsanitize=${COMITY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    )
    if(COMITY_SANITIZE_NOT)
        add_compile_options(-fno-sanitize=${COMITY_SANITIZE_NOT})
    endif()
    add_link_options(-fsanitize=${COMITY_SANITIZE})
    # Instrumented code makes g++ 12 see uninitialised optionals and variants where there are none.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(COMITY_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(COMITY_HARDEN)
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE)
    add_link_options(-pie -Wl,-z,relro,-z,now)
endif()

# Two precompiled headers for the whole tree, one for product code and one for tests, because a
# header per target would cost more than it saves. They hide a forgotten #include of a standard
# header; the clang preset, which has none, finds it (clang would gain nothing from them).
file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cpp "")
add_library(comity_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cpp)
target_link_libraries(comity_pch PRIVATE comity_options)
set(comity_std_headers
    <algorithm> <array> <charconv> <chrono> <compare> <cstdint> <filesystem> <functional> <map>
    <memory> <optional> <set> <span> <string> <string_view> <variant> <vector>
)
target_precompile_headers(comity_pch PRIVATE ${comity_std_headers} <boost/describe.hpp>)
if(BUILD_TESTING)
    add_library(comity_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cpp)
    target_link_libraries(comity_test_pch PRIVATE comity_options GTest::gmock)
    target_precompile_headers(
        comity_test_pch PRIVATE ${comity_std_headers} <fstream> <sstream> <boost/describe.hpp>
        <gmock/gmock.h> <gtest/gtest.h> <rapidcheck.h> <rapidcheck/gtest.h>
    )
endif()

# comity_module(record DEPS base crypto LIBS OpenSSL::Crypto)
#
# Declares the library comity::record from the .cpp files of the current folder, and the program
# record_tests from its *_test.cpp files. A file is registered by its name; there is no list to
# forget. DEPS are Comity modules: tools/check_architecture.py reads this same line and fails when
# the code includes anything else. LIBS are outside libraries. main.cpp is left for comity_program.
# Tests may read files of the repository below the literal COMITY_SOURCE_DIR.
function(comity_module name)
    cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.h *.cpp)
    file(GLOB tests CONFIGURE_DEPENDS *_test.cpp)
    list(REMOVE_ITEM sources ${tests} ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
    list(TRANSFORM ARG_DEPS PREPEND comity::)

    add_library(comity_${name} STATIC ${sources})
    add_library(comity::${name} ALIAS comity_${name})
    set_target_properties(comity_${name} PROPERTIES LINKER_LANGUAGE CXX)
    target_link_libraries(comity_${name} PUBLIC comity_options ${ARG_DEPS} ${ARG_LIBS})
    target_precompile_headers(comity_${name} REUSE_FROM comity_pch)

    if(BUILD_TESTING AND tests)
        add_executable(${name}_tests ${tests})
        target_link_libraries(
            ${name}_tests PRIVATE comity::${name} ${RAPIDCHECK_LIBRARY} GTest::gmock
                                  GTest::gtest_main
        )
        target_compile_definitions(
            ${name}_tests PRIVATE COMITY_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
        )
        target_precompile_headers(${name}_tests REUSE_FROM comity_test_pch)
        add_test(NAME ${name} COMMAND ${name}_tests)
        set_tests_properties(${name} PROPERTIES TIMEOUT 600)
    endif()
endfunction()

# comity_program(comityd server)
#
# Declares the program comityd: main.cpp of the current folder over the library comity::server. It
# stands after that module's comity_module line.
function(comity_program name module)
    add_executable(${name} main.cpp)
    target_link_libraries(${name} PRIVATE comity::${module})
    target_precompile_headers(${name} REUSE_FROM comity_pch)
endfunction()
