# SPDX-License-Identifier: Apache-2.0
# CMake's toolchain file: cmake -DCMAKE_TOOLCHAIN_FILE=.../tenon.cmake. Tests and try_run() boot their program on hv.
set(CMAKE_SYSTEM_NAME Tenon)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# Platform/Tenon.cmake
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
set(CMAKE_C_COMPILER @BUILD@/bin/x86_64-tenon-gcc)
set(CMAKE_CXX_COMPILER @BUILD@/bin/x86_64-tenon-g++)
set(CMAKE_ASM_COMPILER @BUILD@/bin/x86_64-tenon-gcc)
foreach(tool AR RANLIB NM STRIP OBJCOPY)
    string(TOLOWER ${tool} name)
    set(CMAKE_${tool} @BUILD@/bin/x86_64-tenon-${name})
endforeach()
set(CMAKE_CROSSCOMPILING_EMULATOR @BUILD@/bin/x86_64-tenon-run)
set(PKG_CONFIG_EXECUTABLE @BUILD@/bin/x86_64-tenon-pkg-config)

# Programs are the host's; headers, libraries and packages are not.
set(CMAKE_FIND_ROOT_PATH @SYSROOT@)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
