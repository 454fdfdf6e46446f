#!/bin/sh
# SPDX-License-Identifier: ISC

# Follows CONTRIBUTING.md to add a setting, a sampler and a kernel, in a copy of the sources, and runs the tests that
# it names.
#
#   add_parts.sh MESON ROOT

set -eu
meson=$1
root=$2
grep -qw avx2 /proc/cpuinfo || {
  echo "skipped: the kernel that is copied needs AVX2"
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir copy
(cd "$root" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf - -C copy
cd copy

after() { # FILE PATTERN TEXT: adds lines after the first that matches
  grep -q "$2" "$1" || {
    echo "$1 has no line like: $2"
    exit 1
  }
  awk -v pattern="$2" -v text="$3" '{ print } !done && $0 ~ pattern { print text; done = 1 }' "$1" >new
  cat new >"$1"
}

# A setting
after include/rollsmith/settings.h 'int hidden;' '  bool example; ///< An example'
after src/settings/settings.c '"Hidden units of the RBM"' '  BOOL(model, example, false, "An example"),'

# A sampler: step 1, then 2 to 4
sed '/^const RsSampler rs_sampler_gaussian/d; s/rs_sampler_collapsed/rs_sampler_name/' src/rbm/sampler_collapsed.c \
  >src/rbm/sampler_name.c
after src/rbm/sampler.h 'extern const RsSampler rs_sampler_collapsed' 'extern const RsSampler rs_sampler_name;'
after src/rbm/sampler.h 'define rs_sampler_collapsed' '#define rs_sampler_name RS_FLAVOURED(rs_sampler_name)'
sed -i '/^static const RsSampler \*choose_sampler/,/^}/s/&rs_sampler_collapsed/\&rs_sampler_name/' src/rbm/gibbs.c
sed -i "s/'sampler_collapsed.c',/& 'sampler_name.c',/" src/rbm/meson.build

# A kernel: step 1, then 2 to 4
sed 's/rs_gibbs_kernel_avx2 = {"avx2"/rs_gibbs_kernel_name = {"name"/' src/rbm/kernel_avx2.c >src/rbm/kernel_name.c
sed -i 's/^extern const RsGibbsKernel rs_gibbs_kernel_plain/&, rs_gibbs_kernel_name/' src/rbm/kernel.h
after src/rbm/kernel_dispatch.c '^#include <string.h>' '#if defined RS_HAVE_NAME
static bool has_name(void) {
  return __builtin_cpu_supports("avx2");
}
#endif'
after src/rbm/kernel_dispatch.c '^} kernels' '#if defined RS_HAVE_NAME
    {&rs_gibbs_kernel_name, has_name},
#endif'
after src/rbm/meson.build "gibbs_sets .. .'avx2'" "    gibbs_sets += {'name': avx2_args}
    gibbs_args += '-DRS_HAVE_NAME'"
sed -i 's/avx(2|512)/(avx(2|512)|name)/' tests/lint/layers.awk

"$meson" setup out -Dtests=enabled -Dwerror=true >/dev/null
ninja -C out default-preset tests/rbm/test_gibbs_f tests/rbm/test_gibbs_d tests/rbm/test_gaussian_f tests/rbm/test_kernels \
  >log || {
  tail -n 30 log
  exit 1
}
grep -A 1 '^# An example' presets/default.ini | grep -q '^example = false$'
tests/lint/lint.sh layers . || exit 1
for name in gibbs_f gibbs_d gaussian_f kernels; do
  "out/tests/rbm/test_$name" >log 2>&1 || {
    cat log
    exit 1
  }
done
ROLLSMITH_KERNEL=name out/tests/rbm/test_gibbs_f >log 2>&1 || {
  cat log
  exit 1
}
