import Logging
import Models

// The environment variables that every service of the house knows. Their names are durable: operators, unit files and
// compose files carry them.

extension Setting where Value == Secret {
    /// The service's own role in PostgreSQL; several hosts and `target_session_attrs=read-write` are allowed.
    public static var databaseURL: Self {
        .secretAddress(
            "HUIYIN_DATABASE_URL", meaning: "the service's PostgreSQL database",
            example: "postgresql://huiyin_intake:password@127.0.0.1:5432/huiyin", schemes: ["postgresql", "postgres"])
    }

    /// The RabbitMQ virtual host that the four services share.
    public static var brokerURL: Self {
        .secretAddress(
            "HUIYIN_BROKER_URL", meaning: "the RabbitMQ virtual host", example: "amqp://huiyin:password@127.0.0.1:5672/huiyin",
            schemes: ["amqp", "amqps"])
    }
}

extension Setting where Value == OperatorToken {
    /// The bearer token of staff routes.
    ///
    /// Without it only staff tokens open those routes, and without `staffKeysFile` nothing does.
    public static var operatorToken: Self {
        Self(
            "HUIYIN_OPERATOR_TOKEN", meaning: "the bearer token of staff routes", example: "$(openssl rand -hex 32)", isSecret: true
        ) { text in
            OperatorToken(text).map { .value($0) }
                ?? .fault("must be \(OperatorToken.minimumLength) or more letters, digits or -._~+/=")
        }
    }
}

extension Setting where Value == SecretKey {
    /// Seals personal data at rest and in messages (AES-256-GCM).
    public static var sealKey: Self {
        .key("HUIYIN_SEAL_KEY", meaning: "the key that seals personal data")
    }

    /// Signs receipts (Ed25519 seed).
    public static var receiptKey: Self {
        .key("HUIYIN_RECEIPT_KEY", meaning: "the key that signs receipts")
    }
}

extension Setting where Value == [SecretKey] {
    /// Keys that open what was sealed before, the house's first one at the front: hashes and query codes come from it for good.
    public static var olderSealKeys: Self {
        Self(
            "HUIYIN_SEAL_KEYS_OLD", meaning: "keys that still open personal data, the first one ever at the front",
            example: "base64,base64", isSecret: true, default: []
        ) { text in
            let keys = text.split(separator: ",", omittingEmptySubsequences: false).map { SecretKey(base64: String($0)) }
            let known = keys.compactMap { $0 }
            return known.count == keys.count ? .value(known) : .fault("must be keys of 32 bytes in base64, with commas between them")
        }
    }
}

extension SettingsReader {
    /// The keys of personal data.
    public func seal() throws -> SealKey {
        guard let seal = SealKey(secret: try value(.sealKey).bytes, older: try value(.olderSealKeys).map(\.bytes)) else {
            throw StartupFailure("HUIYIN_SEAL_KEY must hold 32 bytes.")
        }
        return seal
    }
}

extension Setting where Value == String {
    /// The JWKS file with the public keys of staff tokens; it is read again whenever it changes.
    public static var staffKeysFile: Self {
        .path("HUIYIN_STAFF_KEYS", meaning: "the file of public keys for staff tokens", example: "/etc/huiyin/staff-keys/public/jwks.json")
    }

    /// Where notification puts notices as files when no other way to deliver them is set up.
    public static var noticesDirectory: Self {
        .path("HUIYIN_NOTICES_DIRECTORY", meaning: "the folder that notices are written to", example: "/var/lib/huiyin/notices")
    }

    /// Where notification posts notices.
    public static var noticeWebhook: Self {
        .address(
            "HUIYIN_NOTICE_WEBHOOK", meaning: "the address that notices are posted to", example: "https://sms.example.org/notices",
            schemes: ["https", "http"])
    }

    /// The file of ways by which notification sends notices; without it they go into files and to the webhook.
    public static var noticeWays: Self {
        .path("HUIYIN_NOTICE_WAYS", meaning: "the file of ways by which people are told", example: "/etc/huiyin/notice-ways.yaml")
    }

    /// The file that gets `host:port` when the service listens; how a supervisor learns a port that the system chose.
    public static var readyFile: Self {
        .path("HUIYIN_READY_FILE", meaning: "the file that receives the address when the service is ready", example: "/run/huiyin/intake")
    }
}

extension Setting where Value == Logger.Level {
    /// The least severe level that is still logged.
    public static var logLevel: Self {
        .choice("HUIYIN_LOG_LEVEL", meaning: "the least severe level that is logged", example: "info", default: .info)
    }
}

extension Setting where Value == LogFormat {
    /// Lines for people or JSON lines for collectors.
    public static var logFormat: Self {
        .choice("HUIYIN_LOG_FORMAT", meaning: "the form of log lines", example: "json", default: .text)
    }
}

extension Setting where Value == Duration {
    /// How long work in hand may take to end after SIGTERM before it is cancelled.
    public static var shutdownLimit: Self {
        .duration(
            "HUIYIN_SHUTDOWN_LIMIT", meaning: "how long a stop may take", example: "20s", in: .seconds(1)...(.seconds(600)),
            default: .seconds(20))
    }
}
