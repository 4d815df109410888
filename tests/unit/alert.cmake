unit_test(sentence FILES sentence.c LINK alert incident observation base)
