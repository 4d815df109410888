fuzz_target(config LINK config)
fuzz_target(yaml LINK yaml)
