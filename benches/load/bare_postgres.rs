//! What PostgreSQL itself can do on this machine, by its own pgbench with prepared statements: the same
//! rows as a submission in one transaction, and the select by id.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use crate::filling::{Filled, STEP};
use crate::postgres::Server;

/// One id per transaction in time order, like the product's: the transaction's instant and chance.
const FRESH: &str = "(lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '70008' || \
     lpad(to_hex(:r::bigint), 15, '0'))::uuid";

#[derive(QueryableByName)]
struct Field {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// An INSERT of a copy of the row that `choice` finds, with some columns replaced by expressions.
fn insert(
    conn: &mut PgConnection,
    table: &str,
    choice: &str,
    replaced: &[(&str, &str)],
) -> Result<String, Box<dyn Error>> {
    let query = format!(
        "SELECT e.key, e.value FROM (SELECT * FROM {table} {choice} LIMIT 1) t, \
         LATERAL jsonb_each_text(to_jsonb(t)) e"
    );
    let fields: Vec<Field> = diesel::sql_query(query).load(conn)?;
    if fields.is_empty() {
        return Err(format!("no row in {table} to copy").into());
    }
    let value = |field: &Field| match replaced.iter().find(|(column, _)| *column == field.key) {
        Some((_, expression)) => (*expression).to_owned(),
        None => field.value.as_deref().map_or("NULL".to_owned(), literal),
    };
    let values: Vec<String> = fields.iter().map(value).collect();
    let columns: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    Ok(format!("INSERT INTO {table} ({}) VALUES ({});\n", columns.join(", "), values.join(", ")))
}

/// A literal on one line in which pgbench sees no variable.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a").replace('\n', "\\n");
    format!("E'{escaped}'")
}

/// The submission as a pgbench script.
fn submission(conn: &mut PgConnection) -> Result<String, Box<dyn Error>> {
    let newest = "(SELECT id FROM applications WHERE status = 'submitted' ORDER BY created_at DESC LIMIT 1)";
    let of_newest = format!("WHERE application = {newest}");
    let receipt = "'bare-' || now() || '-' || :r::bigint";
    Ok([
        "\\set r random(1, 1000000000000000000)\nBEGIN;\n",
        &insert(
            conn,
            "applications",
            &format!("WHERE id = {newest}"),
            &[("id", FRESH), ("receipt_no", receipt)],
        )?,
        &insert(conn, "events", &of_newest, &[("application", FRESH)])?,
        &insert(conn, "notices", &of_newest, &[("id", FRESH), ("application", FRESH)])?,
        &insert(
            conn,
            "idempotency",
            "WHERE status = 201 ORDER BY created_at DESC",
            &[("idempotency_key", receipt)],
        )?,
        "COMMIT;\n",
    ]
    .concat())
}

/// The select by id as a pgbench script.
fn select(filled: &Filled) -> String {
    format!(
        "\\set n random(0, {})\n\\set ms {} + :n * {STEP}\n\
         SELECT * FROM applications WHERE id = \
         (lpad(to_hex(:ms::bigint), 12, '0') || '70008000' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;\n",
        filled.count - 1,
        filled.start,
    )
}

/// pgbench, if it is installed.
pub struct Pgbench<'a> {
    server: &'a Server,
    program: PathBuf,
    folder: PathBuf,
    database: String,
}

impl<'a> Pgbench<'a> {
    pub fn find(server: &'a Server, folder: &Path, database: &str) -> Option<Self> {
        let program = server.binaries.join("pgbench");
        let (folder, database) = (folder.to_owned(), database.to_owned());
        program.exists().then_some(Self { server, program, folder, database })
    }

    /// Submissions per second.
    pub fn submissions(&self, connections: usize, seconds: f64) -> Result<f64, Box<dyn Error>> {
        let mut conn = PgConnection::establish(&self.server.url(&self.database))?;
        let script = submission(&mut conn)?;
        self.run("submit.sql", &script, connections, seconds)
    }

    /// Selects by id per second.
    pub fn selects(&self, filled: &Filled, connections: usize, seconds: f64) -> Result<f64, Box<dyn Error>> {
        self.run("select.sql", &select(filled), connections, seconds)
    }

    fn run(&self, name: &str, script: &str, connections: usize, seconds: f64) -> Result<f64, Box<dyn Error>> {
        let path = self.folder.join(name);
        std::fs::write(&path, script)?;
        let output = Command::new(&self.program)
            .args(["-n", "-M", "prepared", "-h", "127.0.0.1", "-U", &self.server.user])
            .args(["-p", &self.server.port.to_string(), "-c", &connections.to_string()])
            .args(["-j", &connections.min(2).to_string(), "-T", &(seconds.ceil() as u64).max(1).to_string()])
            .arg("-f")
            .arg(&path)
            .arg(&self.database)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.filter(|_| output.status.success())
            .ok_or_else(|| format!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)).into())
    }
}
