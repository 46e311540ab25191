# What every Comity target shares: the language level, the warnings, the sanitizers, and the one
# function that declares a module.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(COMITY_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined or thread")
option(COMITY_WERROR "Treat warnings as errors (on in CI and in the dev presets)" OFF)
option(COMITY_COVERAGE "Instrument for gcovr" OFF)
option(COMITY_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

add_library(comity_options INTERFACE)
target_include_directories(comity_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(comity_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(
    comity_options
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
              -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wsuggest-override>
              $<$<BOOL:${COMITY_WERROR}>:-Werror>
              $<$<BOOL:${COMITY_COVERAGE}>:--coverage>
)
target_link_options(comity_options INTERFACE $<$<BOOL:${COMITY_COVERAGE}>:--coverage>)
if(COMITY_SANITIZE)
    add_compile_options(
        -fsanitize=${COMITY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    )
    add_link_options(-fsanitize=${COMITY_SANITIZE})
endif()
if(COMITY_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# comity_module(record DEPS base crypto LIBS OpenSSL::Crypto)
#
# Declares the library comity::record from the .cpp files of the current folder, and the program
# record_tests from its *_test.cpp files. A file is registered by its name; there is no list to
# forget. DEPS are Comity modules: tools/check_architecture.py reads this same line and fails when
# the code includes anything else. LIBS are outside libraries.
function(comity_module name)
    cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.h *.cpp)
    file(GLOB tests CONFIGURE_DEPENDS *_test.cpp)
    list(REMOVE_ITEM sources ${tests})
    list(TRANSFORM ARG_DEPS PREPEND comity::)

    add_library(comity_${name} STATIC ${sources})
    add_library(comity::${name} ALIAS comity_${name})
    set_target_properties(comity_${name} PROPERTIES LINKER_LANGUAGE CXX)
    target_link_libraries(comity_${name} PUBLIC comity_options ${ARG_DEPS} ${ARG_LIBS})

    if(BUILD_TESTING AND tests)
        add_executable(${name}_tests ${tests})
        target_link_libraries(${name}_tests PRIVATE comity::${name} ${RAPIDCHECK_LIBRARY} GTest::gmock GTest::gtest_main)
        target_precompile_headers(${name}_tests PRIVATE <gtest/gtest.h>)
        add_test(NAME ${name} COMMAND ${name}_tests)
    endif()
endfunction()
