# mailhaul_embed_lua(<target> <dir>): generates lua_scripts.h from every <name>-<number of keys>.lua
# in <dir>, each as a redis::Script with its SHA1, and adds its folder to <target>.
#
# A line `--@include <part>` stands for the text of <dir>/include/<part>.lua: scripts share code
# that way, since Redis gives them no other.
function(mailhaul_embed_lua target dir)
  file(GLOB scripts CONFIGURE_DEPENDS "${dir}/*.lua")
  file(GLOB parts CONFIGURE_DEPENDS "${dir}/include/*.lua")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${scripts} ${parts})
  set(header "#pragma once\n\n#include \"common/redis/script.h\"\n\nnamespace mailhaul::lua {\n\n")
  foreach(script IN LISTS scripts)
    if(NOT script MATCHES "/([a-z_]+)-([0-9]+)\\.lua$")
      message(FATAL_ERROR "${script}: the name must be <script>-<number of keys>.lua")
    endif()
    set(name "${CMAKE_MATCH_1}")
    set(keys "${CMAKE_MATCH_2}")
    file(READ "${script}" body)
    while(body MATCHES "--@include ([a-z_]+)\n")
      file(READ "${dir}/include/${CMAKE_MATCH_1}.lua" part)
      string(REPLACE "${CMAKE_MATCH_0}" "${part}" body "${body}")
    endwhile()
    string(SHA1 sha1 "${body}")
    string(APPEND header "inline constexpr redis::Script ${name}{\"${name}\", ${keys},\n"
                         "\"${sha1}\", R\"lua(${body})lua\"};\n\n")
  endforeach()
  string(APPEND header "}  // namespace mailhaul::lua\n")
  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/gen/lua_scripts.h" CONTENT "${header}")
  target_include_directories(${target} PUBLIC "${CMAKE_CURRENT_BINARY_DIR}/gen")
endfunction()
