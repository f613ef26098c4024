#!/bin/sh
# Compiles every kernel for other machines with Zig's Clang; nothing is linked or run.
# cross.sh PYTHON: an interpreter whose environment has ziglang, cmake, ninja and nanobind.
# The bindings are compiled with this machine's Python.h; Windows, where long has 32 bits, refuses
# it, so there the kernels alone are compiled.
set -eu
cd "$(dirname "$0")/../.."
python=$1
programs=$(dirname "$python")

for target in aarch64-linux-Linux aarch64-macos-Darwin x86_64-windows-Windows; do
    system=${target##*-}
    folder=$PWD/build/cross/$system
    mkdir -p "$folder"
    # Linking would first build libc++ for the target, minutes: without -c, CMake is told no.
    printf '#!/bin/sh\ncase " $* " in *" -c "*) exec "%s" -m ziglang c++ -target %s "$@"; esac\nexit 1\n' \
        "$python" "${target%-*}" >"$folder/c++"
    chmod +x "$folder/c++"
    only=OFF
    [ "$system" != Windows ] || only=ON
    "$programs/cmake" -S . -B "$folder" -G Ninja -DCMAKE_MAKE_PROGRAM="$programs/ninja" \
        -DCMAKE_SYSTEM_NAME="$system" -DCMAKE_SYSTEM_PROCESSOR="${target%%-*}" \
        -DCMAKE_CXX_COMPILER="$folder/c++" -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DCMAKE_AR=/bin/true -DCMAKE_RANLIB=/bin/true -DCMAKE_INSTALL_NAME_TOOL=/bin/true \
        -DLENET_KERNELS_ONLY=$only \
        -DPython_EXECUTABLE="$python" \
        -Dnanobind_DIR="$("$python" -m nanobind --cmake_dir)" >"$folder/configured" 2>&1 || {
        cat "$folder/configured"
        exit 1
    }
    objects=$("$programs/ninja" -C "$folder" -t targets all | sed -n 's/: CXX_COMPILER.*//p' | grep csrc)
    "$programs/ninja" -C "$folder" $objects >"$folder/compiled" || {
        cat "$folder/compiled"
        exit 1
    }
    echo "${target%-*}: $(echo "$objects" | wc -l) object files"
done
