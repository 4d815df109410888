unit_test(yaml FILES yaml.c LINK yaml)
