# What every target of ours is built with.
add_library(mailhaul_options INTERFACE)
target_include_directories(mailhaul_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(mailhaul_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION  # Asio's own code is compiled once, in common/net/asio_impl.cc
  BOOST_ASIO_NO_DEPRECATED)
target_compile_options(mailhaul_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)

# mailhaul_library(<name> SOURCES <file>... DEPS <target>...)
function(mailhaul_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC mailhaul_options ${arg_DEPS})
endfunction()

# mailhaul_test(<name> LABEL <unit|integration|...> SOURCES <file>... DEPS <target>... [SERVERS <server>...])
# A GoogleTest binary. With SERVERS (redis, dovecot, cyrus) it runs under tests/support/with_servers.py, which starts
# each one privately on loopback, names its address in the environment, and ends it with the test.
function(mailhaul_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;DEPS;SERVERS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mailhaul_options ${arg_DEPS} GTest::gmock GTest::gtest_main)
  set(command $<TARGET_FILE:${name}>)
  if(arg_SERVERS)
    set(command ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/support/with_servers.py ${arg_SERVERS} -- ${command})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${command})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                       SKIP_RETURN_CODE 77)  # with_servers.py: a server is not installed
  mailhaul_label_builds(${arg_LABEL} ${name})
  mailhaul_sanitizer_environment(${name})
endfunction()

# mailhaul_python_test(<name> LABEL <label>): tests/<label>/<name>.py as one unittest run against the built binary.
function(mailhaul_python_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${arg_LABEL}_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
           COMMAND ${Python3_EXECUTABLE} -m unittest -v tests/${arg_LABEL}/${name}.py)
  set_tests_properties(${arg_LABEL}_${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                       ENVIRONMENT "MAILHAUL=$<TARGET_FILE:mailhaul>")
  mailhaul_label_builds(${arg_LABEL} mailhaul)
  mailhaul_sanitizer_environment(${arg_LABEL}_${name})
endfunction()

# The target tests_<label> builds what the tests of that label run.
function(mailhaul_label_builds label target)
  if(NOT TARGET tests_${label})
    add_custom_target(tests_${label})
  endif()
  add_dependencies(tests_${label} ${target})
endfunction()

function(mailhaul_sanitizer_environment name)
  set(dir ${PROJECT_SOURCE_DIR}/tools/sanitizers)
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
    "LSAN_OPTIONS=suppressions=${dir}/lsan.supp:print_suppressions=0"
    "TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=${dir}/tsan.supp:external_symbolizer_path=/usr/bin/llvm-symbolizer-19")
endfunction()
