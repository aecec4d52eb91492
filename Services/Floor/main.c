/* The floor: what any correct system of this shape must do on this machine, and nothing else.
 *
 * It writes rows like those of the four services, as many and as large, with the same durability, through raw libpq with arrays, many
 * cases in one transaction; and it moves messages like theirs through raw librabbitmq: persistent, over quorum queues, confirmed, and
 * acknowledged after the commit. It decides nothing, reads nothing and knows no case. No line of Huiyin is in it.
 *
 * huiyin-floor CASES SHAPE. The servers stand in FLOOR_DATABASE_URL and FLOOR_BROKER_URL, and the shape in a file, one fact a line:
 *   table STAGE ROWS_PER_1000_CASES BYTES INDEXES KEPT    rows of one table; KEPT is 0 for rows that are deleted again
 *   ledger ROWS_PER_1000_CASES BYTES INDEXES              what the first stage writes when it hears of the end
 *   message STAGE BYTES_PER_CASE                          what a stage tells the others
 * STAGE is 0 to 3. It prints one line: cases, seconds.
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STAGES = 4, MOST_TABLES = 64, BUNDLE = 64, MOST_BUNDLES = 8, MOST_INDEXES = 8, UUID_OID = 2950, BYTEA_OID = 17 };

struct table { int stage, rows, bytes, indexes, kept; };

static struct table tables[MOST_TABLES];
static int table_count, message_bytes[STAGES];
static long cases;
static const char *database_url, *broker_url;
static char *filling;
enum { LEDGER = STAGES };

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("huiyin-floor: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

/* ---- PostgreSQL ---- */

static void put32(char *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (char)(value >> (24 - 8 * i));
}

static PGconn *open_database(void) {
    PGconn *connection = PQconnectdb(database_url);
    if (PQstatus(connection) != CONNECTION_OK) die("%s", PQerrorMessage(connection));
    return connection;
}

static void run(PGconn *connection, const char *statement) {
    PGresult *result = PQexec(connection, statement);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) die("%s", PQerrorMessage(connection));
    PQclear(result);
}

static void make_tables(PGconn *connection) {
    char text[512];
    for (int t = 0; t < table_count; t++) {
        int used = snprintf(text, sizeof text, "CREATE TABLE floor_%d (id uuid PRIMARY KEY", t);
        for (int i = 1; i < tables[t].indexes; i++) used += snprintf(text + used, sizeof text - used, ", i%d uuid NOT NULL", i);
        snprintf(text + used, sizeof text - used, ", body bytea NOT NULL)");
        run(connection, text);
        for (int i = 1; i < tables[t].indexes; i++) {
            snprintf(text, sizeof text, "CREATE INDEX ON floor_%d (i%d)", t, i);
            run(connection, text);
        }
    }
}

static void prepare(PGconn *connection, int stage) {
    char text[512], name[32];
    for (int t = 0; t < table_count; t++) {
        if (tables[t].stage != stage) continue;
        int used = snprintf(text, sizeof text, "INSERT INTO floor_%d SELECT id", t);
        for (int i = 1; i < tables[t].indexes; i++) used += snprintf(text + used, sizeof text - used, ", id");
        snprintf(text + used, sizeof text - used, ", body FROM unnest($1::uuid[], $2::bytea[]) AS u(id, body)");
        snprintf(name, sizeof name, "add_%d", t);
        PQclear(PQprepare(connection, name, text, 2, NULL));
        snprintf(text, sizeof text, "DELETE FROM floor_%d WHERE id = ANY($1::uuid[])", t);
        snprintf(name, sizeof name, "remove_%d", t);
        PQclear(PQprepare(connection, name, text, 1, NULL));
    }
    if (!PQenterPipelineMode(connection)) die("%s", PQerrorMessage(connection));
}

/* An array of so many elements of `bytes` bytes each, as the server reads it in binary. */
static char *array(uint32_t oid, long first, int count, int bytes, int *length) {
    char *text = malloc(20 + (size_t)count * (4 + bytes)), *at = text + 20;
    put32(text, count > 0);
    put32(text + 4, 0);
    put32(text + 8, oid);
    put32(text + 12, count);
    put32(text + 16, 1);
    for (int i = 0; i < count; i++, at += 4 + bytes) {
        put32(at, bytes);
        if (oid == UUID_OID) {
            /* In their order, as the names of cases are. */
            uint64_t number = first + i, mixed = number * 0x9E3779B97F4A7C15u;
            put32(at + 4, number >> 32);
            put32(at + 8, (uint32_t)number);
            put32(at + 12, mixed >> 32);
            put32(at + 16, (uint32_t)mixed);
        } else {
            memcpy(at + 4, filling + (first + i) % 4096, bytes);
        }
    }
    *length = at - text;
    return text;
}

/* Sends the rows of one table that belong to so many cases; the same numbers for the same cases, whoever asks. */
static void send_rows(PGconn *connection, int t, long first_case, int count, int removes) {
    long first = first_case * tables[t].rows / 1000, end = (first_case + count) * tables[t].rows / 1000;
    if (first == end) return;
    char name[32], *values[2];
    int lengths[2], formats[2] = {1, 1};
    values[0] = array(UUID_OID, first, end - first, 16, &lengths[0]);
    values[1] = removes ? NULL : array(BYTEA_OID, first, end - first, tables[t].bytes, &lengths[1]);
    snprintf(name, sizeof name, removes ? "remove_%d" : "add_%d", t);
    if (!PQsendQueryPrepared(connection, name, removes ? 1 : 2, (const char *const *)values, lengths, formats, 1))
        die("%s", PQerrorMessage(connection));
    free(values[0]);
    free(values[1]);
}

/* Everything that was sent since the last time is one transaction. */
static void commit(PGconn *connection) {
    if (!PQpipelineSync(connection)) die("%s", PQerrorMessage(connection));
    for (;;) {
        PGresult *result = PQgetResult(connection);
        ExecStatusType status = PQresultStatus(result);
        if (result && status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC) die("%s", PQerrorMessage(connection));
        if (result) PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) return;
    }
}

/* ---- RabbitMQ ---- */

static void check(amqp_rpc_reply_t reply, const char *what) {
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) die("the broker refused to %s", what);
}

static amqp_connection_state_t open_broker(void) {
    char *copy = strdup(broker_url);
    struct amqp_connection_info info;
    amqp_default_connection_info(&info);
    if (amqp_parse_url(copy, &info) != AMQP_STATUS_OK) die("the broker's address cannot be read");
    amqp_connection_state_t connection = amqp_new_connection();
    if (amqp_socket_open(amqp_tcp_socket_new(connection), info.host, info.port)) die("the broker cannot be reached");
    /* An address that ends with a slash means the vhost of that name here, as brokers of ours write it. */
    if (!info.vhost[0]) info.vhost = "/";
    check(amqp_login(connection, info.vhost, 0, 1 << 17, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password), "let anybody in");
    amqp_channel_open(connection, 1);
    check(amqp_get_rpc_reply(connection), "open a channel");
    free(copy);
    return connection;
}

static const char *exchange = "huiyin.floor";

static amqp_bytes_t queue_name(int stage, char *text) {
    sprintf(text, "huiyin.floor.%d", stage);
    return amqp_cstring_bytes(text);
}

/* A quorum queue for each stage, bound to what every other stage says. */
static void make_queues(amqp_connection_state_t connection) {
    amqp_exchange_declare(connection, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "make an exchange");
    amqp_table_entry_t entry = {amqp_cstring_bytes("x-queue-type"), {AMQP_FIELD_KIND_UTF8, {.bytes = amqp_cstring_bytes("quorum")}}};
    amqp_table_t arguments = {1, &entry};
    for (int stage = 0; stage < STAGES; stage++) {
        char name[32], key[8];
        amqp_queue_declare(connection, 1, queue_name(stage, name), 0, 1, 0, 0, arguments);
        check(amqp_get_rpc_reply(connection), "make a queue");
        for (int other = 0; other < STAGES; other++) {
            if (other == stage) continue;
            sprintf(key, "%d", other);
            amqp_queue_bind(
                connection, 1, amqp_cstring_bytes(name), amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), amqp_empty_table);
            check(amqp_get_rpc_reply(connection), "bind a queue");
        }
    }
}

static void take_away(amqp_connection_state_t connection) {
    char name[32];
    for (int stage = 0; stage < STAGES; stage++) amqp_queue_delete(connection, 1, queue_name(stage, name), 0, 0);
    amqp_exchange_delete(connection, 1, amqp_cstring_bytes(exchange), 0);
}

struct bundle { int32_t stage, count; int64_t first; };

/* Publishes what a stage says of so many cases; says in how many messages. */
static int publish(amqp_connection_state_t connection, int stage, long first, int count) {
    static __thread char *body;
    if (!body) body = malloc(sizeof(struct bundle) + (size_t)BUNDLE * message_bytes[stage] + 1);
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    char key[8];
    sprintf(key, "%d", stage);
    int waiting = 0;
    for (int done = 0; done < count; done += BUNDLE) {
        int size = count - done < BUNDLE ? count - done : BUNDLE;
        struct bundle head = {stage, size, first + done};
        memcpy(body, &head, sizeof head);
        for (int i = 0; i < size; i++)
            memcpy(body + sizeof head + (size_t)i * message_bytes[stage], filling + (first + done + i) % 4096, message_bytes[stage]);
        amqp_bytes_t bytes = {sizeof head + (size_t)size * message_bytes[stage], body};
        if (amqp_basic_publish(connection, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), 1, 0, &properties, bytes))
            die("the broker has hung up");
        waiting++;
    }
    return waiting;
}

/* Waits until the broker has confirmed so many messages more. */
static void confirm(amqp_connection_state_t connection, uint64_t *said, int waiting) {
    uint64_t last = *said + waiting;
    while (*said < last) {
        amqp_frame_t frame;
        if (amqp_simple_wait_frame(connection, &frame)) die("the broker has hung up");
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) die("the broker confirmed nothing");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        /* They may come out of order; what counts is that none is missing. */
        *said = ack->multiple ? (ack->delivery_tag > *said ? ack->delivery_tag : *said) : *said + 1;
    }
    amqp_maybe_release_buffers(connection);
}

/* ---- The stages ---- */

/* Where cases come in: rows, commit, messages, confirmation; the outbox's rows go with the next commit. */
static void *intake(void *unused) {
    (void)unused;
    PGconn *database = open_database();
    prepare(database, 0);
    amqp_connection_state_t broker = open_broker();
    amqp_confirm_select(broker, 1);
    check(amqp_get_rpc_reply(broker), "confirm");
    uint64_t said = 0;
    long before = 0;
    int size = 0;
    for (long first = 0; first < cases; first += size) {
        int next = cases - first < BUNDLE * MOST_BUNDLES ? (int)(cases - first) : BUNDLE * MOST_BUNDLES;
        for (int t = 0; t < table_count; t++) {
            if (tables[t].stage != 0) continue;
            if (!tables[t].kept && first > 0) send_rows(database, t, before, (int)(first - before), 1);
            send_rows(database, t, first, next, 0);
        }
        commit(database);
        confirm(broker, &said, publish(broker, 0, first, next));
        before = first;
        size = next;
    }
    PQfinish(database);
    return NULL;
}

/* A stage that hears of cases, writes its rows, tells the others and acknowledges; stage 4 writes the ledger and tells nobody. */
static void *stage(void *argument) {
    int own = (int)(intptr_t)argument, queue = own % STAGES, source = own - 1;
    PGconn *database = open_database();
    prepare(database, own);
    amqp_connection_state_t in = open_broker(), out = own < STAGES ? open_broker() : NULL;
    if (out) {
        amqp_confirm_select(out, 1);
        check(amqp_get_rpc_reply(out), "confirm");
    }
    char name[32];
    amqp_basic_qos(in, 1, 0, 4 * MOST_BUNDLES, 0);
    amqp_basic_consume(in, 1, queue_name(queue, name), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(in), "send messages");
    uint64_t said = 0;
    long seen = 0, others = 0, wanted = cases * (STAGES - 1);
    struct bundle removable[MOST_BUNDLES];
    int removals = 0;
    while (seen + others < wanted) {
        struct bundle heard[MOST_BUNDLES];
        int count = 0, taken = 0;
        uint64_t tag = 0;
        while (taken < 2 * MOST_BUNDLES && count < MOST_BUNDLES) {
            amqp_envelope_t envelope;
            struct timeval none = {0, 0};
            amqp_maybe_release_buffers(in);
            amqp_rpc_reply_t reply = amqp_consume_message(in, &envelope, taken ? &none : NULL, 0);
            if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT) break;
            check(reply, "send messages");
            struct bundle head;
            memcpy(&head, envelope.message.body.bytes, sizeof head);
            tag = envelope.delivery_tag;
            taken++;
            if (head.stage == source) heard[count++] = head;
            else others += head.count;
            amqp_destroy_envelope(&envelope);
        }
        if (count) {
            for (int t = 0; t < table_count; t++) {
                if (tables[t].stage != own) continue;
                if (!tables[t].kept)
                    for (int i = 0; i < removals; i++) send_rows(database, t, removable[i].first, removable[i].count, 1);
                for (int i = 0; i < count; i++) send_rows(database, t, heard[i].first, heard[i].count, 0);
            }
            commit(database);
            int waiting = 0;
            if (out) {
                for (int i = 0; i < count; i++) waiting += publish(out, own, heard[i].first, heard[i].count);
                confirm(out, &said, waiting);
            }
            for (int i = 0; i < count; i++) {
                removable[i] = heard[i];
                seen += heard[i].count;
            }
            removals = count;
        }
        if (amqp_basic_ack(in, 1, tag, 1)) die("the broker has hung up");
    }
    PQfinish(database);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 3 || (cases = atol(arguments[1])) <= 0) die("usage: huiyin-floor CASES SHAPE");
    database_url = getenv("FLOOR_DATABASE_URL");
    broker_url = getenv("FLOOR_BROKER_URL");
    if (!database_url || !broker_url) die("FLOOR_DATABASE_URL and FLOOR_BROKER_URL must name the servers");
    FILE *shape = fopen(arguments[2], "r");
    if (!shape) die("%s cannot be read", arguments[2]);
    char line[256];
    int largest = 0;
    while (fgets(line, sizeof line, shape)) {
        struct table next = {0, 0, 0, 1, 1};
        int at, bytes;
        if (sscanf(line, "table %d %d %d %d %d", &next.stage, &next.rows, &next.bytes, &next.indexes, &next.kept) == 5) {
        } else if (sscanf(line, "ledger %d %d %d", &next.rows, &next.bytes, &next.indexes) == 3) {
            next.stage = LEDGER;
        } else if (sscanf(line, "message %d %d", &at, &bytes) == 2 && at >= 0 && at < STAGES) {
            message_bytes[at] = bytes;
            if (bytes > largest) largest = bytes;
            continue;
        } else die("the shape cannot be read: %s", line);
        if (table_count == MOST_TABLES || next.stage < 0 || next.stage > LEDGER || next.rows < 0 || next.bytes < 0) die("no such table: %s", line);
        if (next.indexes < 1) next.indexes = 1;
        if (next.indexes > MOST_INDEXES) next.indexes = MOST_INDEXES;
        if (next.bytes > largest) largest = next.bytes;
        tables[table_count++] = next;
    }
    fclose(shape);
    filling = malloc(4096 + largest + 1);
    uint32_t state = 1;
    for (int i = 0; i <= 4096 + largest; i++) filling[i] = 'a' + (state = state * 1664525 + 1013904223) % 26u;

    PGconn *database = open_database();
    make_tables(database);
    amqp_connection_state_t broker = open_broker();
    make_queues(broker);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_t threads[STAGES + 1];
    pthread_create(&threads[0], NULL, intake, NULL);
    for (intptr_t own = 1; own <= STAGES; own++) pthread_create(&threads[own], NULL, stage, (void *)own);
    for (int i = 0; i <= STAGES; i++) pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    take_away(broker);
    printf("{\"cases\":%ld,\"seconds\":%.3f}\n", cases, (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9);
    return 0;
}
