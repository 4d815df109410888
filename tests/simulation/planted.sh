# planted.sh PROGRAM RULES FIRST LAST OPEN PATTERN: a simulator whose verdict has a bug planted must complain of just that.
output=$("$1" "$2" "$3" "$4" "$5")
status=$?
[ $status -eq 1 ] || { echo "exit $status: the planted bug was not seen"; exit 1; }
echo "$output" | grep -v "known" | grep -E -m 3 "$6" || { echo "no complaint like '$6'"; exit 1; }
