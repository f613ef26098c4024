#!/bin/sh
# The engine's tests with kernels that watch themselves: sanitize.sh address,undefined, or thread.
# The first report ends the run. Further words are run instead of the tests:
# sanitize.sh thread tests/engine/fuzz_binding.py 60. Everything lies in build/sanitize-….
set -eu
cd "$(dirname "$0")/../.."
checks=$1
shift
venv=$PWD/.venv/bin/python
room=$PWD/build/sanitize-${checks%%,*}

rm -rf "$room/package"
"$venv" -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt \
    --target "$room/package" -C build-dir="$room/cmake" \
    -C cmake.define.LENET_SANITIZE="$checks" -C install.strip=false .

# Python below .venv, or .venv's editable lenet would come before this one.
python=$("$venv" -c 'import sys; print(sys._base_executable)')
PYTHONPATH=$room/package:$("$venv" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
PYTHONMALLOC=malloc # Python's own pools would hide what lies outside an array
# Python leaves memory behind at exit, so leaks say nothing about the kernels.
ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1:allocator_may_return_null=1
UBSAN_OPTIONS=print_stacktrace=1
TSAN_OPTIONS=halt_on_error=1
# libgomp, which torch runs on, waits in ways that the thread sanitizer cannot see: one thread.
[ "$checks" != thread ] || export OMP_NUM_THREADS=1
# The runtime has to come first; libstdc++ with it, or it is too late to watch exceptions.
runtime() { ${CXX:-c++} -print-file-name="$1"; }
case $checks in
    address*) LD_PRELOAD="$(runtime libasan.so) $(runtime libstdc++.so)" ;;
    thread) LD_PRELOAD="$(runtime libtsan.so) $(runtime libstdc++.so)" ;;
esac
export PYTHONPATH PYTHONMALLOC ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS LD_PRELOAD

"$python" -c "import lenet.engine._kernels as k; assert k.__file__.startswith('$room'), k"
[ $# -gt 0 ] || set -- -m pytest -q -p no:cacheprovider --capture=sys tests/engine
exec "$python" "$@"
