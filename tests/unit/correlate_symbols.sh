#!/bin/sh
# correlate_symbols.sh ARCHIVE ALLOWED: every symbol that the archive does not define itself must stand in the list of what it may use.
set -eu
archive=$1
defined=$(nm --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort -u)
asked=$(nm -u "$archive" | awk '$1 == "U" { print $2 }' | sort -u)
allowed=$(sed -e 's/#.*//' -e 's/^[a-z]*://' "$2" | tr ' ' '\n' | grep .)
[ -n "$asked" ] && [ -n "$allowed" ] || { echo "nothing to compare"; exit 1; }
bad=0
for symbol in $asked; do
	case "
$defined
" in *"
$symbol
"*) continue ;; esac
	fine=
	for pattern in $allowed; do
		case $symbol in $pattern) fine=1; break ;; esac
	done
	[ -n "$fine" ] || { echo "the correlate room asks for $symbol"; bad=1; }
done
exit $bad
