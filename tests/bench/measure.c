/* measure OUTPUT COMMAND [ARGUMENT...]: runs a command and writes {"cpu_s","user_s","system_s","wall_s","rss_mib","exit"} to OUTPUT.
 *
 * A program of its own, and a small one: Linux counts into a child's peak memory what its parent had resident when it forked, so a
 * driver in a scripting language would report its own size. SIGTERM is handed on to the command. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;

static void hand_on(int signal)
{
	if (child > 0)
		kill((pid_t)child, signal);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: measure OUTPUT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	child = pid;
	signal(SIGTERM, hand_on);
	struct rusage use;
	int status;
	while (wait4(pid, &status, 0, &use) < 0)
		if (errno != EINTR) {
			perror("wait4");
			return 3;
		}
	clock_gettime(CLOCK_MONOTONIC, &end);
	FILE *out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 3;
	}
	double user = seconds(use.ru_utime), system = seconds(use.ru_stime);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(out, "{\"cpu_s\":%.6f,\"user_s\":%.6f,\"system_s\":%.6f,\"wall_s\":%.6f,\"rss_mib\":%.2f,\"exit\":%d}\n", user + system, user, system,
		(double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9, (double)use.ru_maxrss / 1024, code);
	return fclose(out) == 0 ? code : 3;
}
