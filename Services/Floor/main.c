/* The floor: what any correct system of this shape must do on this machine, and nothing else.
 *
 * It writes rows like those of the four services, as many and as large, with the same durability, through raw libpq with arrays, many
 * cases in one transaction; and it moves messages like theirs through raw librabbitmq: persistent, over quorum queues, confirmed, and
 * acknowledged after the commit. It decides nothing, reads nothing and knows no case. No line of Huiyin is in it.
 *
 * huiyin-floor CASES SHAPE [one STAGE BATCH | due STAGE RATE | steady RATE FOLDER | feed RATE PORT DEPARTMENTS | drain BYTES |
 *                           post BYTES PORT | outage database | outage broker]
 * huiyin-floor DATES days
 *   nothing   all stages, one after the other, as fast as they can
 *   one       one stage alone: at most BATCH cases in a commit, and what it tells the others
 *   due       one stage alone, RATE cases a second, each at its moment: how late whoever listens hears of each
 *   steady    RATE cases a second, each at its moment: the first stage commits and tells the others, each commits, and the last writes a
 *             file of FOLDER to disk besides and commits once more
 *   feed      the same, but in place of the file the last stage posts an event to each of so many departments, who listen on PORT
 *   drain     so many messages of BYTES that lie in a table: read, sent, confirmed, deleted
 *   post      so many events of BYTES that lie in a table, posted to one department over 48 lines
 *   outage    works on one server until that fails and works again, and says how long it did not
 *   days      counts so many due dates by a table of the days that are worked; needs no server
 * The servers stand in FLOOR_DATABASE_URL and FLOOR_BROKER_URL, and the shape in a file, one fact a line:
 *   table STAGE ROWS_PER_1000_CASES BYTES INDEXES KEPT    rows of one table; KEPT is 0 for rows that are deleted again
 *   ledger ROWS_PER_1000_CASES BYTES INDEXES              what the first stage writes when it hears of the end
 *   message STAGE BYTES_PER_CASE                          what a stage tells the others
 * STAGE is 0 to 3. It prints one line: cases and seconds, or cases and how long they took, and how many megabytes it held at most. What
 * departments get says by "time" when it was written.
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

/* Whether a second is enough for an answer: a broker that is starting takes connections before it answers them. */
static int is_hasty;
static const struct timeval second = {1, 0};

/* A connection, or NULL when there is none to be had. */
static amqp_connection_state_t try_broker(void) {
    char *copy = strdup(broker_url);
    struct amqp_connection_info info;
    amqp_default_connection_info(&info);
    if (amqp_parse_url(copy, &info) != AMQP_STATUS_OK) die("the broker's address cannot be read");
    /* An address that ends with a slash means the vhost of that name here, as brokers of ours write it. */
    if (!info.vhost[0]) info.vhost = "/";
    amqp_connection_state_t connection = amqp_new_connection();
    if (is_hasty) {
        amqp_set_handshake_timeout(connection, &second);
        amqp_set_rpc_timeout(connection, &second);
    }
    int works = !amqp_socket_open(amqp_tcp_socket_new(connection), info.host, info.port)
        && amqp_login(connection, info.vhost, 0, 1 << 17, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password).reply_type
            == AMQP_RESPONSE_NORMAL
        && amqp_channel_open(connection, 1);
    free(copy);
    if (works) return connection;
    amqp_destroy_connection(connection);
    return NULL;
}

static amqp_connection_state_t open_broker(void) {
    amqp_connection_state_t connection = try_broker();
    if (!connection) die("the broker lets nobody in");
    return connection;
}

static const char *exchange = "huiyin.floor";

static amqp_bytes_t queue_name(int stage, char *text) {
    sprintf(text, "huiyin.floor.%d", stage);
    return amqp_cstring_bytes(text);
}

/* Whom each stage hears. */
static const int hears[STAGES][STAGES] = {{0, 1, 1, 1}, {1, 0, 1, 0}, {1, 1, 0, 0}, {1, 1, 1, 0}};

/* How many cases a stage is told of, each by everyone whom it hears. */
static long heard_in_all(int stage) {
    long others = 0;
    for (int other = 0; other < STAGES; other++) others += hears[stage][other];
    return cases * others;
}

/* A quorum queue for each stage, bound to what it hears. */
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
            if (!hears[stage][other]) continue;
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

/* A connection that publishes and is told of each message that it is safe. */
static amqp_connection_state_t speak(void) {
    amqp_connection_state_t connection = open_broker();
    amqp_confirm_select(connection, 1);
    check(amqp_get_rpc_reply(connection), "confirm");
    return connection;
}

/* A connection that consumes a stage's queue. */
static amqp_connection_state_t hear(int stage, int ahead) {
    char name[32];
    amqp_connection_state_t connection = open_broker();
    amqp_basic_qos(connection, 1, 0, ahead, 0);
    amqp_basic_consume(connection, 1, queue_name(stage, name), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "send messages");
    return connection;
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

/* Takes in one confirm; says whether there was one within `limit`, or ever when that is NULL. */
static int take_confirm(amqp_connection_state_t connection, uint64_t *said, const struct timeval *limit) {
    amqp_frame_t frame;
    int status = amqp_simple_wait_frame_noblock(connection, &frame, limit);
    if (status == AMQP_STATUS_TIMEOUT) return 0;
    if (status) die("the broker has hung up");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) die("the broker confirmed nothing");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    /* They may come out of order; what counts is that none is missing. */
    *said = ack->multiple ? (ack->delivery_tag > *said ? ack->delivery_tag : *said) : *said + 1;
    amqp_maybe_release_buffers(connection);
    return 1;
}

/* Waits until the broker has confirmed `last` messages in all. */
static void confirm_up_to(amqp_connection_state_t connection, uint64_t *said, uint64_t last) {
    while (*said < last) take_confirm(connection, said, NULL);
}

/* Waits until the broker has confirmed so many messages more. */
static void confirm(amqp_connection_state_t connection, uint64_t *said, int waiting) {
    confirm_up_to(connection, said, *said + waiting);
}

/* Takes in the confirms that are there, without waiting. */
static void confirm_some(amqp_connection_state_t connection, uint64_t *said) {
    struct timeval none = {0, 0};
    while (take_confirm(connection, said, &none)) {}
}

/* Takes in the next bundle, with the tag by which it is acknowledged; says whether there was one within `limit`, or ever when that is NULL. */
static int take_bundle(amqp_connection_state_t connection, struct bundle *head, uint64_t *tag, const struct timeval *limit) {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, limit, 0);
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT) return 0;
    check(reply, "send messages");
    memcpy(head, envelope.message.body.bytes, sizeof *head);
    *tag = envelope.delivery_tag;
    amqp_destroy_envelope(&envelope);
    return 1;
}

/* ---- The stages ---- */

/* Where cases come in: rows, commit, messages, confirmation; the outbox's rows go with the next commit. */
static void *intake(void *unused) {
    (void)unused;
    PGconn *database = open_database();
    prepare(database, 0);
    amqp_connection_state_t broker = speak();
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
    amqp_connection_state_t in = hear(queue, 4 * MOST_BUNDLES), out = own < STAGES ? speak() : NULL;
    uint64_t said = 0;
    long seen = 0, others = 0, wanted = heard_in_all(queue);
    struct bundle removable[MOST_BUNDLES];
    int removals = 0;
    while (seen + others < wanted) {
        struct bundle heard[MOST_BUNDLES];
        int count = 0, taken = 0;
        uint64_t tag = 0;
        while (taken < 2 * MOST_BUNDLES && count < MOST_BUNDLES) {
            struct timeval none = {0, 0};
            struct bundle head;
            if (!take_bundle(in, &head, &tag, taken ? &none : NULL)) break;
            taken++;
            if (head.stage == source) heard[count++] = head;
            else others += head.count;
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

static struct timespec started;

static double passed(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - started.tv_sec) + (now.tv_nsec - started.tv_nsec) / 1e9;
}

/* The most memory that the program has held; not what getrusage(2) says, which counts whoever started it, too. */
static double megabytes(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long kilobytes = 0;
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1) break;
    if (status) fclose(status);
    return kilobytes / 1024.0;
}

/* One stage alone; says after how many seconds the last row was committed. What it tells is confirmed meanwhile: nobody waits for that. */
static double one(int own, int batch) {
    PGconn *database = open_database();
    prepare(database, own);
    amqp_connection_state_t broker = speak();
    uint64_t said = 0, told = 0;
    int size = 0;
    clock_gettime(CLOCK_MONOTONIC, &started);
    for (long first = 0; first < cases; first += size) {
        int next = cases - first < batch ? (int)(cases - first) : batch;
        for (int t = 0; t < table_count; t++) {
            if (tables[t].stage != own) continue;
            if (!tables[t].kept && first > 0) send_rows(database, t, first - size, size, 1);
            send_rows(database, t, first, next, 0);
        }
        commit(database);
        told += publish(broker, own, first, next);
        confirm_some(broker, &said);
        size = next;
    }
    double seconds = passed();
    confirm_up_to(broker, &said, told);
    PQfinish(database);
    return seconds;
}

/* ---- Departments ---- */

enum { MOST_DEPARTMENTS = 64, LINES = 48 };

static int port, departments;

static int call_department(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int line = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (line < 0 || connect(line, (struct sockaddr *)&address, sizeof address)) die("no department listens on port %d", port);
    setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return line;
}

static void post(int line, const char *body, int length) {
    static __thread char *text;
    static __thread int room;
    if (room < length + 128) text = realloc(text, room = length + 128);
    int head = sprintf(text, "POST /d/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n", length);
    memcpy(text + head, body, length);
    if (write(line, text, head + length) != head + length) die("a department has hung up");
}

/* Waits for the answer, which has a head alone. */
static void take_answer(int line) {
    char text[1024];
    for (int size = 0; size < 4 || memcmp(text + size - 4, "\r\n\r\n", 4);) {
        ssize_t more = read(line, text + size, sizeof text - size);
        if (more <= 0) die("a department has hung up");
        if (!size && (more < 12 || memcmp(text + 9, "200", 3))) die("a department refuses");
        size += more;
    }
}

/* ---- Each case at its moment ---- */

/* When each case began, how long its first commit took, and how long it took as a whole. */
static double rate, *begun, *posted, *completed;
static struct timespec *written;
static const char *folder;
static pthread_mutex_t completing = PTHREAD_MUTEX_INITIALIZER;

/* A stage has its part of some cases and is about to commit that: so does the house count, whose events are stated before their commit. */
static void complete(long first, int count) {
    double now = passed();
    pthread_mutex_lock(&completing);
    for (long i = first; i < first + count; i++)
        if (now - begun[i] > completed[i]) completed[i] = now - begun[i];
    pthread_mutex_unlock(&completing);
}

static void send_stage(PGconn *database, int own, long first, int count) {
    for (int t = 0; t < table_count; t++)
        if (tables[t].stage == own) send_rows(database, t, first, count, 0);
}

/* A stage that hears nobody: its rows of each case at the case's moment, and what it tells. */
static void *steady_first(void *argument) {
    int own = (int)(intptr_t)argument;
    PGconn *database = open_database();
    prepare(database, own);
    amqp_connection_state_t broker = speak();
    uint64_t said = 0, told = 0;
    int count;
    for (long i = 0; i < cases; i += count) {
        double left = i / rate - passed(), now;
        if (left > 0) usleep((useconds_t)(left * 1e6));
        now = passed();
        for (count = 1; i + count < cases && count < BUNDLE && (i + count) / rate <= now; count++) {}
        for (int k = 0; k < count; k++) {
            begun[i + k] = now;
            clock_gettime(CLOCK_REALTIME, &written[i + k]);
        }
        send_stage(database, own, i, count);
        commit(database);
        for (int k = 0; k < count; k++) posted[i + k] = passed() - (i + k) / rate;
        told += publish(broker, own, i, count);
        confirm_some(broker, &said);
    }
    confirm_up_to(broker, &said, told);
    PQfinish(database);
    return NULL;
}

/* Writes what a case's recipient gets to disk. */
static void deliver(long number) {
    char path[512];
    snprintf(path, sizeof path, "%s/%ld", folder, number);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (file < 0 || write(file, filling, 1024) != 1024 || fsync(file)) die("%s cannot be written", path);
    close(file);
}

/* Posts a case's event to all departments at once, as long as what a stage says of a case. */
static void tell_departments(const int *lines, long number) {
    struct tm day;
    char body[1 << 14], head[64];
    int length = message_bytes[0] < (int)sizeof body ? message_bytes[0] : (int)sizeof body;
    gmtime_r(&written[number].tv_sec, &day);
    strftime(head, sizeof head, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &day);
    int used = snprintf(body, sizeof body, "%s.%06ldZ\",\"filling\":\"", head, written[number].tv_nsec / 1000);
    if (length < used + 2) length = used + 2;
    memcpy(body + used, filling, length - used - 2);
    memcpy(body + length - 2, "\"}", 2);
    for (int i = 0; i < departments; i++) post(lines[i], body, length);
    for (int i = 0; i < departments; i++) take_answer(lines[i]);
}

/* Hears others and acknowledges; for what one of them says it commits rows of its own, and tells so. The ledger, which is the first stage's
 * as well, acts on the last one and tells nobody; the others act on the first. */
static void *steady_stage(void *argument) {
    int own = (int)(intptr_t)argument, queue = own % STAGES, source = own == LEDGER ? STAGES - 1 : 0;
    PGconn *database = open_database();
    prepare(database, own);
    amqp_connection_state_t in = hear(queue, 64), out = own == LEDGER ? NULL : speak();
    int lines[MOST_DEPARTMENTS];
    if (own == STAGES - 1)
        for (int i = 0; i < departments; i++) lines[i] = call_department();
    uint64_t said = 0;
    for (long heard = 0; heard < heard_in_all(queue);) {
        struct bundle head;
        uint64_t tag;
        take_bundle(in, &head, &tag, NULL);
        heard += head.count;
        if (head.stage == source) {
            send_stage(database, own, head.first, head.count);
            if (own == STAGES - 1) {
                commit(database);
                for (long i = head.first; i < head.first + head.count; i++) {
                    if (departments) tell_departments(lines, i);
                    else deliver(i);
                }
                char text[96];
                snprintf(text, sizeof text, "INSERT INTO floor_ends SELECT generate_series(%ld, %ld)", head.first, head.first + head.count - 1);
                if (!PQsendQueryParams(database, text, 0, NULL, NULL, NULL, NULL, 0)) die("%s", PQerrorMessage(database));
            }
            if (own != LEDGER) complete(head.first, head.count);
            commit(database);
            if (out) confirm(out, &said, publish(out, own, head.first, head.count));
        }
        if (amqp_basic_ack(in, 1, tag, 0)) die("the broker has hung up");
    }
    PQfinish(database);
    return NULL;
}

static int ascending(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return a < b ? -1 : a > b;
}

static void make_times(void) {
    begun = calloc(cases, sizeof *begun);
    posted = calloc(cases, sizeof *posted);
    completed = calloc(cases, sizeof *completed);
    written = calloc(cases, sizeof *written);
}

static void steady(void) {
    make_times();
    pthread_t threads[STAGES + 1];
    for (intptr_t own = 1; own <= STAGES; own++) pthread_create(&threads[own], NULL, steady_stage, (void *)own);
    /* The consumers are there before the first case. */
    sleep(1);
    clock_gettime(CLOCK_MONOTONIC, &started);
    pthread_create(&threads[0], NULL, steady_first, (void *)0);
    for (int i = 0; i <= STAGES; i++) pthread_join(threads[i], NULL);
    qsort(posted, cases, sizeof *posted, ascending);
    qsort(completed, cases, sizeof *completed, ascending);
    printf(
        "{\"cases\":%ld,\"postP50Ms\":%.3f,\"postP99Ms\":%.3f,\"latencyP50Ms\":%.3f,\"latencyP99Ms\":%.3f,\"megabytes\":%.3f}\n",
        cases, posted[cases / 2] * 1e3, posted[cases * 99 / 100] * 1e3, completed[cases / 2] * 1e3, completed[cases * 99 / 100] * 1e3,
        megabytes());
}

/* ---- What comes due ---- */

/* Hears of each case of one stage; how late is how long after its moment. */
static void *listen_to(void *argument) {
    int own = (int)(intptr_t)argument, queue = 0;
    while (!hears[queue][own]) queue++;
    amqp_connection_state_t in = hear(queue, 64);
    for (long heard = 0; heard < cases;) {
        struct bundle head;
        uint64_t tag;
        take_bundle(in, &head, &tag, NULL);
        double now = passed();
        for (long i = head.first; i < head.first + head.count; i++) completed[i] = now - i / rate;
        heard += head.count;
        if (amqp_basic_ack(in, 1, tag, 0)) die("the broker has hung up");
    }
    return NULL;
}

static void due(int own) {
    make_times();
    pthread_t listener;
    /* Cases come due a second after this, when the listener is there. */
    clock_gettime(CLOCK_MONOTONIC, &started);
    started.tv_sec++;
    pthread_create(&listener, NULL, listen_to, (void *)(intptr_t)own);
    steady_first((void *)(intptr_t)own);
    pthread_join(listener, NULL);
    qsort(completed, cases, sizeof *completed, ascending);
    printf(
        "{\"cases\":%ld,\"latenessP50Ms\":%.3f,\"latenessP99Ms\":%.3f,\"megabytes\":%.3f}\n", cases, completed[cases / 2] * 1e3,
        completed[cases * 99 / 100] * 1e3, megabytes());
}

/* Counts due dates as many days that are worked behind a day, by a table of those. */
static double days(void) {
    enum { DAYS = 1400, FIRST_WEEKDAY = 3, STARTS = 1095, LONGEST = 60 };
    static int worked[DAYS], day_of[DAYS];
    int count = 0;
    for (int day = 0; day < DAYS; day++) {
        int weekday = (FIRST_WEEKDAY + day) % 7;
        worked[day] = count;
        if (weekday != 0 && weekday != 6) day_of[count++] = day;
    }
    volatile long sum = 0;
    long total = 0;
    clock_gettime(CLOCK_MONOTONIC, &started);
    /* The starts go through all hours and days. */
    for (long i = 0; i < cases; i++) total += day_of[worked[i * 7919 % (STARTS * 86400L) / 86400] + 1 + i % LONGEST];
    sum = total;
    (void)sum;
    return passed();
}

/* ---- A backlog ---- */

enum { READ = 512, AHEAD = 4 };

static void ask(PGconn *database, const char *statement, long after) {
    char number[32];
    snprintf(number, sizeof number, "%ld", after);
    const char *values[] = {number};
    if (!PQsendQueryPrepared(database, statement, 1, values, NULL, NULL, 1)) die("%s", PQerrorMessage(database));
}

/* The rows among the answers to all that was asked since the last time; NULL for none. */
static PGresult *answer(PGconn *database) {
    PGresult *rows = NULL;
    for (;;) {
        PGresult *result = PQgetResult(database);
        ExecStatusType status = PQresultStatus(result);
        if (!result) continue;
        if (status == PGRES_TUPLES_OK) rows = result;
        else PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) return rows;
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) die("%s", PQerrorMessage(database));
    }
}

/* Reads messages from a table, sends them and deletes those that were confirmed; the next are read while the last are on their way. */
static double drain(PGconn *database, int bytes) {
    char text[256];
    run(database, "CREATE TABLE floor_backlog (id bigint PRIMARY KEY, body bytea NOT NULL)");
    snprintf(
        text, sizeof text, "INSERT INTO floor_backlog SELECT i, convert_to(repeat(md5(i::text), %d), 'UTF8') FROM generate_series(1, %ld) i",
        bytes / 32 + 1, cases);
    run(database, text);
    PQclear(PQprepare(database, "read", "SELECT body FROM floor_backlog WHERE id > $1::bigint ORDER BY id LIMIT 512", 1, NULL));
    PQclear(PQprepare(database, "remove", "DELETE FROM floor_backlog WHERE id > $1::bigint AND id <= $1::bigint + 512", 1, NULL));
    if (!PQenterPipelineMode(database)) die("%s", PQerrorMessage(database));
    amqp_connection_state_t broker = speak();
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    uint64_t said = 0;
    long removed = 0;
    clock_gettime(CLOCK_MONOTONIC, &started);
    ask(database, "read", 0);
    if (!PQpipelineSync(database)) die("%s", PQerrorMessage(database));
    for (long first = 0; removed < cases; first += READ) {
        PGresult *rows = answer(database);
        /* What is too far ahead waits for its confirms, and so does the end. */
        if (first - removed >= AHEAD * READ || first >= cases)
            confirm_up_to(broker, &said, removed + READ < cases ? removed + READ : cases);
        else confirm_some(broker, &said);
        for (; removed < cases && (said >= (uint64_t)removed + READ || said >= (uint64_t)cases); removed += READ)
            ask(database, "remove", removed);
        if (first + READ < cases) ask(database, "read", first + READ);
        if (!PQpipelineSync(database)) die("%s", PQerrorMessage(database));
        for (int i = 0; rows && i < PQntuples(rows); i++) {
            amqp_bytes_t body = {PQgetlength(rows, i, 0), PQgetvalue(rows, i, 0)};
            if (amqp_basic_publish(broker, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes("1"), 1, 0, &properties, body))
                die("the broker has hung up");
        }
        if (rows) PQclear(rows);
    }
    answer(database);
    return passed();
}

/* Posts events from a table to one department, one over each line, then the next over each; how far it is, is committed meanwhile. */
static double post_backlog(PGconn *database, int bytes) {
    char text[512];
    run(database, "CREATE TABLE floor_place (place bigint NOT NULL)");
    run(database, "INSERT INTO floor_place VALUES (0)");
    run(database, "CREATE TABLE floor_backlog (id bigint PRIMARY KEY, body bytea NOT NULL)");
    snprintf(
        text, sizeof text,
        "INSERT INTO floor_backlog SELECT i, convert_to(left('{\"time\":\"2026-01-01T00:00:00Z\",\"filling\":\"' "
        "|| repeat(md5(i::text), %d), greatest(48, %d)) || '\"}', 'UTF8') FROM generate_series(1, %ld) i",
        bytes / 32 + 1, bytes - 2, cases);
    run(database, text);
    PQclear(PQprepare(database, "read", "SELECT body FROM floor_backlog WHERE id > $1::bigint ORDER BY id LIMIT 512", 1, NULL));
    PQclear(PQprepare(database, "keep", "UPDATE floor_place SET place = $1::bigint", 1, NULL));
    if (!PQenterPipelineMode(database)) die("%s", PQerrorMessage(database));
    int lines[LINES];
    for (int i = 0; i < LINES; i++) lines[i] = call_department();
    clock_gettime(CLOCK_MONOTONIC, &started);
    ask(database, "read", 0);
    if (!PQpipelineSync(database)) die("%s", PQerrorMessage(database));
    for (long first = 0; first < cases; first += READ) {
        PGresult *rows = answer(database);
        ask(database, "keep", first);
        if (first + READ < cases) ask(database, "read", first + READ);
        if (!PQpipelineSync(database) || PQflush(database) < 0) die("%s", PQerrorMessage(database));
        for (int done = 0, count = rows ? PQntuples(rows) : 0; done < count; done += LINES) {
            int round = count - done < LINES ? count - done : LINES;
            for (int i = 0; i < round; i++) post(lines[i], PQgetvalue(rows, done + i, 0), PQgetlength(rows, done + i, 0));
            for (int i = 0; i < round; i++) take_answer(lines[i]);
        }
        if (rows) PQclear(rows);
    }
    answer(database);
    return passed();
}

/* ---- A server that fails ---- */

/* Whether a row can be committed; the connection is made anew when it is gone. */
static int commits(PGconn **connection) {
    if (!*connection) *connection = PQconnectdb(database_url);
    PGresult *result = PQexec(*connection, "UPDATE floor_place SET place = place + 1");
    int works = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (works) return 1;
    PQfinish(*connection);
    *connection = NULL;
    return 0;
}

/* Whether a message to a quorum queue is confirmed within a second; the connection is made anew when it is gone. */
static int confirms(amqp_connection_state_t *connection) {
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    amqp_frame_t frame;
    if (!*connection && (*connection = try_broker())) amqp_confirm_select(*connection, 1);
    if (!*connection) return 0;
    int works = !amqp_basic_publish(
                    *connection, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes("1"), 1, 0, &properties, amqp_cstring_bytes("x"))
        && amqp_simple_wait_frame_noblock(*connection, &frame, &second) == AMQP_STATUS_OK && frame.frame_type == AMQP_FRAME_METHOD
        && frame.payload.method.id == AMQP_BASIC_ACK_METHOD;
    if (works) {
        amqp_maybe_release_buffers(*connection);
        return 1;
    }
    amqp_destroy_connection(*connection);
    *connection = NULL;
    return 0;
}

/* From the last time that a server did its work before it failed to the first time behind that; two minutes are waited for each. */
static double outage(int is_broker) {
    PGconn *database = NULL;
    amqp_connection_state_t broker = NULL;
    int has_begun = 0, has_failed = 0;
    double last = 0;
    is_hasty = 1;
    clock_gettime(CLOCK_MONOTONIC, &started);
    while (passed() < last + 120) {
        int works = is_broker ? confirms(&broker) : commits(&database);
        double now = passed();
        if (works && has_failed) return now - last;
        if (works) last = now;
        else if (has_begun) has_failed = 1;
        /* Said to whoever makes the server fail; not at once, since a broker that dies within a moment of making a queue loses half of it. */
        if (works && !has_begun && now > 1) {
            has_begun = 1;
            puts("begun");
            fflush(stdout);
        }
        usleep(2000);
    }
    die("the server did not work again within two minutes");
    return 0;
}

int main(int count, char **arguments) {
    const char *usage =
        "usage: huiyin-floor CASES SHAPE [one STAGE BATCH | due STAGE RATE | steady RATE FOLDER | feed RATE PORT DEPARTMENTS | drain BYTES"
        " | post BYTES PORT | outage database | outage broker], or huiyin-floor DATES days";
    signal(SIGPIPE, SIG_IGN);
    if (count < 3 || (cases = atol(arguments[1])) <= 0) die("%s", usage);
    if (count == 3 && !strcmp(arguments[2], "days")) {
        printf("{\"cases\":%ld,\"seconds\":%.6f}\n", cases, days());
        return 0;
    }
    const char *way = count > 3 ? arguments[3] : "";
    int own = 0, batch = 0, bytes = 0;
    if (!strcmp(way, "one") && count == 6) {
        own = atoi(arguments[4]);
        batch = atoi(arguments[5]);
        if (own < 0 || own >= STAGES || batch < 1) die("%s", usage);
    } else if (!strcmp(way, "due") && count == 6) {
        own = atoi(arguments[4]);
        rate = atof(arguments[5]);
        if (own < 0 || own >= STAGES || rate <= 0) die("%s", usage);
    } else if (!strcmp(way, "steady") && count == 6) {
        rate = atof(arguments[4]);
        folder = arguments[5];
        if (rate <= 0) die("%s", usage);
    } else if (!strcmp(way, "feed") && count == 7) {
        rate = atof(arguments[4]);
        port = atoi(arguments[5]);
        departments = atoi(arguments[6]);
        if (rate <= 0 || departments < 1 || departments > MOST_DEPARTMENTS) die("%s", usage);
    } else if (!strcmp(way, "drain") && count == 5) {
        if ((bytes = atoi(arguments[4])) < 1) die("%s", usage);
    } else if (!strcmp(way, "post") && count == 6) {
        bytes = atoi(arguments[4]);
        port = atoi(arguments[5]);
        if (bytes < 1) die("%s", usage);
    } else if (!strcmp(way, "outage") && count == 5) {
        if (strcmp(arguments[4], "database") && strcmp(arguments[4], "broker")) die("%s", usage);
    } else if (count != 3) die("%s", usage);
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
    double seconds;
    if (!strcmp(way, "due")) {
        due(own);
        take_away(broker);
        return 0;
    }
    if (rate > 0) {
        run(database, "CREATE TABLE floor_ends (id bigint PRIMARY KEY)");
        steady();
        take_away(broker);
        return 0;
    }
    if (!strcmp(way, "drain")) {
        seconds = drain(database, bytes);
    } else if (!strcmp(way, "post")) {
        seconds = post_backlog(database, bytes);
    } else if (!strcmp(way, "outage")) {
        run(database, "CREATE TABLE floor_place (place bigint NOT NULL)");
        run(database, "INSERT INTO floor_place VALUES (0)");
        seconds = outage(!strcmp(arguments[4], "broker"));
        is_hasty = 0;
        broker = open_broker();
    } else if (!strcmp(way, "one")) {
        seconds = one(own, batch);
    } else {
        pthread_t threads[STAGES + 1];
        clock_gettime(CLOCK_MONOTONIC, &started);
        pthread_create(&threads[0], NULL, intake, NULL);
        for (intptr_t next = 1; next <= STAGES; next++) pthread_create(&threads[next], NULL, stage, (void *)next);
        for (int i = 0; i <= STAGES; i++) pthread_join(threads[i], NULL);
        seconds = passed();
    }
    take_away(broker);
    printf("{\"cases\":%ld,\"seconds\":%.3f,\"megabytes\":%.3f}\n", cases, seconds, megabytes());
    return 0;
}
