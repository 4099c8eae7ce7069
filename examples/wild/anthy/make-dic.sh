#!/bin/sh
# Trains anthy's statistics anew and makes its dictionary with them, in the working directory.
#
#   make-dic.sh CODE CORPUS WORDS CANNADIC OUTPUT THREADS
#
# The first four are the parts of the source package as fullsource.json has them, none with the learned
# files. OUTPUT gets anthy.dic, and corpus_info and weak_words at their paths in the package.
set -eu
output=$5 threads=$6

mkdir build
for part in "$1" "$2" "$3" "$4"; do cp -R "$part/anthy-0.4" build/; done
chmod -R u+w build
learned=anthy-0.4/mkanthydic
if [ -e "build/$learned/corpus_info" ] || [ -e "build/$learned/weak_words" ]; then
  echo "what is to be learned is there already" >&2
  exit 1
fi

# anthy asks the list of users for a home, to find the user's own words there. Here is neither.
cat >home.c <<'END'
#include <pwd.h>
struct passwd *getpwuid(uid_t uid) {
  static struct passwd user = {"nobody", "", 0, 0, "", "/nonexistent", "/bin/sh"};
  user.pw_uid = uid;
  return &user;
}
END
cc -shared -fPIC -o home.so home.c
home=$PWD/home.so

cd build/anthy-0.4
# Nothing that automake made is made again: its own version does not matter to the dictionary.
build() { make --silent "$@" ACLOCAL=: AUTOCONF=: AUTOMAKE=: AUTOHEADER=:; }
./configure --quiet --enable-maintainer-mode --disable-shared CFLAGS=-O2 EMACS=no
for directory in src-diclib src-worddic src-splitter src-ordering src-main src-util calctrans; do
  build -j "$threads" -C "$directory"
done
export LD_PRELOAD="$home"
build -C depgraph anthy.dep
build -C mkworddic anthy.wdic
build -C mkanthydic anthy.dic

cp mkanthydic/anthy.dic "$output/anthy.dic"
cp mkanthydic/corpus_info mkanthydic/weak_words "$output/$learned/"
