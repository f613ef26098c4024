# WebAssembly by Zig's Clang: cmake --toolchain, with python-zig of the package ziglang in PATH.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER python-zig c++)
set(CMAKE_CXX_FLAGS "-O3 -s -target wasm32-wasi -msimd128 -fno-exceptions -fno-rtti")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-mexec-model=reactor -Wl,--export=malloc -Wl,--export=free")
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)
# What CMake tries is compiled only; linking for another target would build its libc++, too.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
find_program(CMAKE_AR true)
find_program(CMAKE_RANLIB true)
