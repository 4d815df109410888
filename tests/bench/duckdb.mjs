// node duckdb.mjs FORM PATTERNS FILE: the same job as naive.c, in SQL, on one thread of DuckDB.
// FORM: "one" = all patterns as one alternation (RE2 makes one automaton of it: DuckDB's best), "each" = a call per pattern.
// Prints one JSON line: the sums by which contestants are compared, and the CPU time of the query alone (without starting node).
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [form, patternsFile, file] = process.argv.slice(2);
const patterns = readFileSync(patternsFile, 'utf8').split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split('\t').pop());
const quote = (text) => `'${text.replaceAll("'", "''")}'`;
const hit = form === 'one'
	? `regexp_matches(message, ${quote(patterns.map((p) => `(?:${p})`).join('|'))}, 'i')`
	: patterns.map((p) => `regexp_matches(message, ${quote(p)}, 'i')`).map((p) => `(${p})::int`).join(' + ') + ' > 0';
const query = `
	WITH record AS (
		SELECT host.name AS host, process.name AS program, message, event.dataset = 'chrony.tracking' AS ntp,
			time_bucket(INTERVAL 10 MINUTES, event.ingested) AS span, epoch_ms("@timestamp") - epoch_ms(event.ingested) AS x
		FROM read_json(${quote(file)}, format = 'newline_delimited', columns = {
			'@timestamp': 'TIMESTAMP', 'event': 'STRUCT(ingested TIMESTAMP, dataset VARCHAR)', 'host': 'STRUCT(name VARCHAR)', 'process': 'STRUCT(name VARCHAR)', 'message': 'VARCHAR'})
	), per_span AS (
		SELECT host, span, count(*) AS records, count(*) FILTER (WHERE NOT ntp AND ${hit}) AS hits, max(x) AS x, count(DISTINCT program) AS programs,
			max(CASE WHEN ntp THEN abs(split_part(message, ',', 5)::DOUBLE) END) AS far
		FROM record GROUP BY host, span
	)
	SELECT sum(records)::BIGINT AS records, sum(hits)::BIGINT AS hits, count(DISTINCT host)::BIGINT AS hosts, max(x) / 1000.0 AS x_s,
		(count(*) FILTER (WHERE hits > 0 AND (x > 50 OR far > 0.05)))::BIGINT AS suspicious FROM per_span`;

const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
const before = process.cpuUsage();
const [row] = (await connection.runAndReadAll(query)).getRowsJson();
const used = process.cpuUsage(before);
console.log(JSON.stringify({ records: Number(row[0]), hits: Number(row[1]), hosts: Number(row[2]), x_s: Number(row[3]), suspicious: Number(row[4]), cpu_s: (used.user + used.system) / 1e6 }));
