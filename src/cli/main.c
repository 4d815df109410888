/* The front door: one table of commands and one of options drive dispatch and help. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "skewline/app.h"
#include "skewline/diag.h"

enum option_form { OPTION_TEXT, OPTION_LIST, OPTION_FLAG, OPTION_STAGE, OPTION_OUTPUT, OPTION_NUMBER };

struct option {
	const char *name, *argument;
	enum option_form form;
	size_t offset;
	const char *help;
};
#define AT(field) offsetof(struct app_request, field)
static const struct option OPTIONS[] = {
	{"-c", "FILE", OPTION_TEXT, AT(config), "the config"},
	{"--rules", "DIR", OPTION_LIST, AT(rules), "rule files or folders instead of the config's or the shipped ones; may be repeated"},
	{"--format", "NAME", OPTION_TEXT, AT(format), "format of the records; auto recognises each by itself"},
	{"--output", "text|json|ocsf|hec", OPTION_OUTPUT, AT(output), "what to write; text on a terminal, json otherwise"},
	{"--rejects", "FILE", OPTION_TEXT, AT(rejects), "where records go that cannot be read, with their reason and place"},
	{"--stage", "all|observe|correlate", OPTION_STAGE, AT(stage), "one stage alone"},
	{"--host", "NAME", OPTION_TEXT, AT(host), "the host in question"},
	{"--incident", "ID", OPTION_TEXT, AT(incident), "the incident in question"},
	{"--baseline", "DIR|FILE", OPTION_TEXT, AT(baseline), "the rules as they are"},
	{"--candidate", "DIR|FILE", OPTION_TEXT, AT(candidate), "the rules as they would be"},
	{"--junit", "FILE", OPTION_TEXT, AT(junit), "also write a JUnit report"},
	{"--member", "NAME", OPTION_TEXT, AT(member), "name of this process in its group"},
	{"--listen", "HOST:PORT", OPTION_TEXT, AT(listen), "where to listen"},
	{"--feed", "HOST:PORT", OPTION_TEXT, AT(feed), "produce the fleet to this broker, at its own pace, and nothing else"},
	{"--seed", "N", OPTION_NUMBER, AT(seed), "another fleet: other hosts, other faults"},
	{"--all", NULL, OPTION_FLAG, AT(all), "every rule that hits, not only the most specific of its class"},
	{"--once", NULL, OPTION_FLAG, AT(once), "end when the last record has been judged"},
	{"--keep", NULL, OPTION_FLAG, AT(keep), "leave the broker up and say its address"},
};
enum { OPTIONS_COUNT = sizeof OPTIONS / sizeof OPTIONS[0] };

struct command {
	const char *name, *operands, *options, *summary;
	int (*run)(const struct app_request *request);
	int operands_min, operands_max;
};
static const struct command COMMANDS[] = {
	{"run", "", "-c --rules --stage --member --output --listen", "the daemon: topics in, alerts out", app_run, 0, 0},
	{"replay", "FILE...", "-c --rules --format --rejects --stage --output", "recorded input through both stages, alerts to stdout", app_replay, 1, 1 << 20},
	{"match", "FILE", "-c --rules --all --output", "which rules hit which message, one message a line", app_match, 1, 1},
	{"decode", "FILE", "-c --format --host --output", "what was understood of each record; --format observation|state reads a dump", app_decode, 1, 1},
	{"check", "", "-c --rules --output", "every error and warning of config and rules, and the effective config", app_check, 0, 0},
	{"test", "[SCENARIO...]", "-c --rules --junit --output", "the tests inside the rules, and scenario files", app_test, 0, 1 << 20},
	{"explain", "FILE...", "-c --rules --format --host --incident --output", "why it fired, or why it did not", app_explain, 1, 1 << 20},
	{"backtest", "FILE...", "-c --format --baseline --candidate --output", "incidents that appear, vanish or change with other rules", app_backtest, 1, 1 << 20},
	{"demo", "", "-c --rules --once --keep --seed --feed --listen --output", "the whole thing on an embedded broker", app_demo, 0, 0},
	{"version", "", "-c --rules --output", "version, build, libraries, rule-set hash", app_version, 0, 0},
};
enum { COMMANDS_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

static bool takes(const struct command *command, const char *option)
{
	struct str rest = str_of(command->options), name;
	while (str_split(&rest, ' ', &name))
		if (str_equal(name, str_of(option)))
			return true;
	return false;
}

static void print_command(const struct command *command, FILE *out)
{
	fprintf(out, "usage: skewline %s [options] %s\n\n%s\n\n", command->name, command->operands, command->summary);
	for (int i = 0; i < OPTIONS_COUNT; i++)
		if (takes(command, OPTIONS[i].name)) {
			char left[64];
			snprintf(left, sizeof left, "%s %s", OPTIONS[i].name, OPTIONS[i].argument ? OPTIONS[i].argument : "");
			fprintf(out, "  %-32s %s\n", left, OPTIONS[i].help);
		}
	fprintf(out, "\nexit: 0 fine, 1 findings, 2 usage or config, 3 environment\n");
}

static void print_all(FILE *out)
{
	fprintf(out, "usage: skewline COMMAND [options] ...\n\nfinds hosts whose clock is wrong, from time telemetry and application logs\n\n");
	for (int i = 0; i < COMMANDS_COUNT; i++)
		fprintf(out, "  %-9s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
	fprintf(out, "\n`skewline COMMAND --help` says more.\n");
}

/* Whether what was printed has arrived; a reader that has seen enough is no fault. */
static int printed(void)
{
	if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE)
		return EXIT_FINE;
	perror("skewline: stdout");
	return EXIT_ENVIRONMENT;
}

static int complain(const char *what, const char *word, const struct str *names, size_t count)
{
	struct str near = diag_nearest(str_of(word), names, count);
	fprintf(stderr, "skewline: unknown %s '%s'", what, word);
	if (near.size)
		fprintf(stderr, "; did you mean '%.*s'?", STR_ARGS(near));
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static int word_of(const char *words, const char *word)
{
	struct str rest = str_of(words), one;
	for (int i = 0; str_split(&rest, '|', &one); i++)
		if (str_equal(one, str_of(word)))
			return i;
	return -1;
}

static bool set_option(const struct option *option, const char *value, struct app_request *request)
{
	void *field = (char *)request + option->offset;
	int64_t number;
	int word = option->form == OPTION_STAGE || option->form == OPTION_OUTPUT ? word_of(option->argument, value) : 0;
	switch (option->form) {
	case OPTION_TEXT: *(struct str *)field = str_of(value); return true;
	case OPTION_LIST: request->rules[request->rules_count++] = str_of(value); return true;
	case OPTION_FLAG: *(bool *)field = true; return true;
	case OPTION_STAGE: request->stage = (enum app_stages)word; return word >= 0;
	case OPTION_OUTPUT: request->output = (enum app_output)(word + 1); return word >= 0;
	case OPTION_NUMBER:
		if (!str_to_int64(str_of(value), &number) || number < 0)
			return false;
		*(uint64_t *)field = (uint64_t)number;
		return true;
	}
	return false;
}

static const struct option *find_option(const struct command *command, struct str name)
{
	for (int i = 0; i < OPTIONS_COUNT; i++)
		if (takes(command, OPTIONS[i].name) && str_equal(name, str_of(OPTIONS[i].name)))
			return &OPTIONS[i];
	return NULL;
}

static int unknown_option(const struct command *command, const char *word)
{
	struct str names[OPTIONS_COUNT], rest = str_of(command->options);
	size_t count = 0;
	while (count < OPTIONS_COUNT && str_split(&rest, ' ', &names[count]))
		count++;
	return complain("option", word, names, count);
}

/* argv[*at] is an option; moves *at to its last word. EXIT_FINE, or EXIT_USAGE after a message. */
static int take_option(const struct command *command, int argc, char **argv, int *at, struct app_request *request)
{
	char *word = argv[*at], *equals = word[1] == '-' ? strchr(word, '=') : NULL;
	const struct option *option = find_option(command, equals ? (struct str){word, (size_t)(equals - word)} : str_of(word));
	if (!option)
		return unknown_option(command, word);
	const char *value = equals ? equals + 1 : "";
	if (option->argument && !equals) {
		if (*at + 1 == argc) {
			fprintf(stderr, "skewline: %s wants %s\n", option->name, option->argument);
			return EXIT_USAGE;
		}
		value = argv[++*at];
	}
	if (set_option(option, value, request))
		return EXIT_FINE;
	fprintf(stderr, "skewline: %s wants %s, not '%s'\n", option->name, option->argument, value);
	return EXIT_USAGE;
}

/* EXIT_FINE, EXIT_USAGE after a message, or -1: help was asked for. */
static int parse(const struct command *command, int argc, char **argv, struct app_request *request)
{
	bool operands_only = false;
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		if (operands_only || word[0] != '-' || !word[1]) {
			request->files[request->files_count++] = str_of(word);
		} else if (strcmp(word, "--") == 0) {
			operands_only = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			return -1;
		} else {
			int status = take_option(command, argc, argv, &i, request);
			if (status != EXIT_FINE)
				return status;
		}
	}
	int count = (int)request->files_count;
	if (count >= command->operands_min && count <= command->operands_max)
		return EXIT_FINE;
	fprintf(stderr, "skewline: usage: skewline %s [options] %s\n", command->name, command->operands);
	return EXIT_USAGE;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct app_request request = {.seed = 1};
	request.rules = calloc((size_t)argc + 1, sizeof *request.rules);
	request.files = calloc((size_t)argc + 1, sizeof *request.files);
	if (!request.rules || !request.files)
		abort();
	int status = parse(command, argc, argv, &request);
	if (status == EXIT_FINE)
		status = command->run(&request);
	else if (status < 0) {
		print_command(command, stdout);
		status = printed();
	}
	free(request.rules);
	free(request.files);
	return status;
}

/* A standard handle that is closed would become that of the next file opened, and results would be written into it. */
static void take_standard_handles(void)
{
	static const int ways[] = {O_WRONLY, O_RDONLY, O_RDONLY}; /* the wrong way round: using it fails, as it does when it is closed */
	for (int handle = 0; handle < 3; handle++)
		if (fcntl(handle, F_GETFD) < 0 && open("/dev/null", ways[handle]) != handle)
			abort();
}

int main(int argc, char **argv)
{
	take_standard_handles();
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is an end, not an accident: see output.h */
	if (argc < 2) {
		print_all(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_all(stdout);
		return printed();
	}
	const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
	struct str names[COMMANDS_COUNT];
	for (int i = 0; i < COMMANDS_COUNT; i++) {
		names[i] = str_of(COMMANDS[i].name);
		if (strcmp(name, COMMANDS[i].name) == 0)
			return run(&COMMANDS[i], argc - 2, argv + 2);
	}
	return complain("command", argv[1], names, COMMANDS_COUNT);
}
