#!/usr/bin/env bash
# Installs a build into a temporary folder and looks at it as a stranger would: the files, the
# exported symbols, pkg-config, and a program that is compiled against nothing but the installed copy.
# Usage: run.sh BUILD_DIR. Ends with "N passed, N failed".
set -uo pipefail
build=$(realpath "${1:?usage: run.sh BUILD_DIR}")
here=$(cd "$(dirname "$0")" && pwd)
capture=$here/../data/captures/weston-raw-xcrush.pcapng
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

passed=0
failed=0
# check WHAT COMMAND...: shows the command's output only if it fails.
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n%s\n' "$what" "$output"
  fi
}

check "meson install" meson install -C "$build" --no-rebuild --destdir "$root"
pc=$(find "$root" -name mullion.pc | head -1)
prefix=$(pkg-config --variable=prefix "$pc" 2>/dev/null)
libdir=$(dirname "$(dirname "${pc:-/nowhere/x/x}")")
export PKG_CONFIG_PATH=$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root LD_LIBRARY_PATH=$libdir

only_ours() { # no symbol is exported but mln_*
  local symbols
  symbols=$(nm -D --defined-only "$libdir/libmullion.so" | awk '{print $3}' | sed 's/@.*//')
  grep -q '^mln_engine_create$' <<<"$symbols" && ! grep -v -e '^mln_' -e '^MULLION_' <<<"$symbols"
}
soname() { readelf -d "$libdir/libmullion.so" | grep -q 'SONAME.*libmullion\.so\.0'; }
man_page() { [[ -s $root$prefix/share/man/man1/mullion.1 ]]; }
program() { "$root$prefix/bin/mullion" --version | grep -qx "mullion $(pkg-config --modversion mullion)"; }
compile_embed() {
  # shellcheck disable=SC2046 # flags are words
  ${CXX:-g++} -std=c++20 -Wall -Wextra -Werror -o "$root/embed" "$here/embed.cc" \
    $(pkg-config --cflags --libs mullion)
}
compile_c() { # the C header serves C
  # shellcheck disable=SC2046
  echo '#include <mullion/mullion.h>
    int main(void) { return mln_version() == 0; }' |
    ${CC:-gcc} -std=c11 -Wall -Wextra -Werror -o "$root/embed_c" -x c - \
      $(pkg-config --cflags --libs mullion) && "$root/embed_c"
}
run_embed() {
  local output
  output=$("$root/embed" "$capture") && grep -q ': 400x300, 26 frames$' <<<"$output" || {
    echo "printed: $output"
    return 1
  }
}
example_in_readme() { # README.md shows the example as it is
  awk '/^```cpp$/ {on = 1; next} /^```$/ {on = 0} on' "$here/../../README.md" | diff - "$here/embed.cc"
}

check "a versioned library" soname
check "exports only mln_*" only_ours
check "the manual page" man_page
check "the program runs" program
check "a C++ program compiles" compile_embed
check "and decodes a capture" run_embed
check "a C program compiles and runs" compile_c
check "README.md shows that C++ program" example_in_readme
echo "$passed passed, $failed failed"
((failed == 0))
