#!/usr/bin/env python3
"""schema.py ROOT: rules/schema.json takes every shipped rule and refuses the broken files whose fault a schema can see."""
import glob, json, os, sys

import jsonschema, yaml

root = sys.argv[1]
# What only the program can see: names that must fit one another, regular expressions, conditions, numbers of things, doubts that are warnings.
BEYOND = {"condition_name", "condition_parenthesis", "condition_ends", "condition_unexpected", "no_search_fits", "of_missing", "parenthesis_before", "nested_deep",
          "parts_many", "group_unknown", "group_unread", "groups_many", "regex_broken", "search_unused", "name_of_a_word", "network_wrong", "values_many",
          "values_many_in_a_list", "searches_many", "detection_large", "never_anchor", "never_condition", "never_values", "backtracks", "logsource_doubtful", "words_many",
          "logsource_channel", "instant_ambiguous", "direction_contradicted", "new_03_star_unquoted", "new_09_misspelt_search", "new_10_sigma_selection",
          "new_17_regex_parenthesis"}


class Loader(yaml.SafeLoader):
    """Dates stay texts, as the program reads them."""


Loader.yaml_implicit_resolvers = {key: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"] for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def load(path):
    with open(path, "rb") as file:
        return yaml.load(file, Loader)


with open(os.path.join(root, "rules", "schema.json")) as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
faults, shipped, refused = [], 0, 0
for path in sorted(glob.glob(os.path.join(root, "rules", "**", "*.yml"), recursive=True)):
    shipped += 1
    faults += [f"{path}: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(load(path))]
for path in sorted(glob.glob(os.path.join(root, "tests", "golden", "rule_files", "*.yml"))):
    name = os.path.basename(path)[:-4]
    try:
        rule = load(path)
    except (yaml.YAMLError, UnicodeDecodeError):
        continue  # no YAML: an editor says so itself
    sound = validator.is_valid(rule)
    refused += not sound
    if sound != (name in BEYOND):
        faults.append(f"{name}: the schema {'takes' if sound else 'refuses'} it")
for fault in faults:
    print(fault)
print(f"{shipped} shipped rules, {refused} broken ones refused, {len(faults)} faults")
sys.exit(bool(faults) or not shipped or not refused)
