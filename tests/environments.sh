#!/usr/bin/env bash
# Builds sdist and wheel, installs each in a clean environment outside the checkout and walks both phases there as a
# stranger would: a path with a blank and an umlaut, no HOME, another time zone, a locale with decimal commas, no network.
#   bash tests/environments.sh [PYTHON...]
# BORROW=.venv/lib/python3.11/site-packages takes the dependencies from there instead of installing them again.
set -euo pipefail
[ -z "${BORROW:-}" ] || BORROW=$(realpath "$BORROW")
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)/"Über Haus"
mkdir -p "$work"
trap 'chmod -R u+w "$work"; rm -rf "$(dirname "$work")"' EXIT
git -C "$root" archive --prefix=source/ HEAD | tar -x -C "$work"
python3 -m venv "$work/tool" && "$work/tool/bin/pip" -q install build
"$work/tool/bin/python" -m build -q --outdir "$work/dist" "$work/source"
chmod -R a-w "$work/source"
mkdir "$work/locales" && localedef -i de_DE -f UTF-8 "$work/locales/de_DE.UTF-8"
offline=$(unshare -rn true 2>/dev/null && echo "unshare -rn" || echo "env")
[ "$offline" = env ] && echo "no network namespaces here: the network stays reachable"
for python in "${@:-python3}"; do
    for package in "$work"/dist/*.whl "$work"/dist/*.tar.gz; do
        rm -rf "$work/env" "$work/yard" "$work/run"
        "$python" -m venv "$work/env"
        if [ -n "${BORROW:-}" ]; then
            "$work/env/bin/pip" -q install --no-deps "$package"
            echo "$BORROW" > "$("$work/env/bin/python" -c 'import site; print(site.getsitepackages()[0])')/borrowed.pth"
        else
            "$work/env/bin/pip" -q install "$package"
        fi
        cd "$work"
        [ "$(LOCPATH=locales LC_ALL=de_DE.UTF-8 "$python" -c 'import locale; locale.setlocale(locale.LC_ALL, "")
print(locale.str(0.5))')" = 0,5 ]
        stranger() {
            echo "$ equigait-cli $*"
            env -u HOME -u PYTHONPATH PATH="$PATH" TZ=Asia/Kolkata LOCPATH="$work/locales" LC_ALL=de_DE.UTF-8 \
                OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES= $offline env/bin/equigait-cli "$@" > log.txt 2>&1 || { cat log.txt; exit 1; }
        }
        stranger --help
        stranger simulate yard --horses 4 --seconds 24 --seed 1
        stranger inspect yard
        stranger extract-teacher yard --config demo
        small="--set train.steps=6 --set train.batch=8 --set train.warmup_steps=1 --set train.validate_every=6 --set train.save_every=6"
        stranger pretrain --cache yard/cache --run run --config demo $small
        (unset PYTHONPATH && env/bin/equigait-cli doctor)
        echo "$("$python" --version), $(basename "$package"): both phases done"
    done
done
