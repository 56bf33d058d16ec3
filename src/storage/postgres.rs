//! A connection to PostgreSQL that saves round trips: inserts that nobody waits for are held back and
//! travel as one statement with whatever comes next, and a transaction that consists of nothing else is
//! that one statement.

use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

use super::StorageError;
use super::hand::Lendable;
use super::sheaves::{Order, Sheaf, Sheaves, Store};

/// An insert that may be held back.
pub type Insert = Box<dyn QueryFragment<Pg> + Send>;

/// Inserts in one statement at the most: a statement has room for 65,535 values.
const MOST: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    /// Each statement stands for itself.
    None,
    /// Begun as far as the caller is concerned; the server has not heard of it.
    Promised,
    /// Begun on the server.
    Open,
}

/// One connection with the inserts it holds back.
pub struct PgSession {
    conn: Lendable<PgConnection>,
    transaction: Transaction,
    held: Vec<Insert>,
    sheaves: Sheaves,
    /// A savepoint is over that the server has not heard the end of.
    over: bool,
}

impl From<PgConnection> for PgSession {
    fn from(conn: PgConnection) -> Self {
        let (held, sheaves) = (Vec::new(), Sheaves::default());
        Self { conn: Lendable::new(conn), transaction: Transaction::None, held, sheaves, over: false }
    }
}

impl PgSession {
    /// The connection, with everything done that was held back: for any statement that wants an answer.
    pub fn ready(&mut self) -> Result<&mut PgConnection, StorageError> {
        self.begun()?;
        self.send()?;
        self.conn.here()
    }

    /// The connection for a statement to which it is all the same what was held back.
    pub fn begun(&mut self) -> Result<&mut PgConnection, StorageError> {
        if self.transaction == Transaction::Promised {
            self.conn.here()?.batch_execute("BEGIN")?;
            self.transaction = Transaction::Open;
        }
        self.conn.here()
    }

    /// Holds an insert back until the next statement or the end of the transaction, which then may fail
    /// for it. What is handed over is sent behind the rows that are, while its caller thinks on.
    pub fn hold_back(&mut self, insert: Insert, hand_over: bool) -> Result<(), StorageError> {
        if hand_over {
            let rows = self.sheaves.all();
            self.hand_over(rows)?;
            self.promise_kept()?;
            let send = |conn: &mut PgConnection| Ok(Together(vec![insert]).execute(conn).map(|_| ())?);
            self.conn.carry_out(send, true)?;
            return self.conn.hand_over();
        }
        self.held.push(insert);
        if self.transaction == Transaction::None || self.held.len() == MOST {
            self.ready()?;
        }
        Ok(())
    }

    /// Holds a row back until there are enough of its kind; they are sent while its caller thinks on.
    pub fn gather<R: Send + 'static>(
        &mut self,
        row: R,
        order: Order,
        store: Store<R>,
    ) -> Result<(), StorageError> {
        let full = self.sheaves.add(row, order, store);
        self.hand_over(full)
    }

    /// What is handed over belongs to the transaction, even where nothing was sent before it.
    fn promise_kept(&mut self) -> Result<(), StorageError> {
        if self.transaction == Transaction::Promised {
            self.begun()?;
        }
        Ok(())
    }

    fn hand_over(&mut self, rows: Vec<Box<dyn Sheaf>>) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.promise_kept()?;
        for sheaf in rows {
            self.conn.carry_out(move |conn| Ok(sheaf.store(conn)?), true)?;
        }
        self.conn.hand_over()
    }

    /// What was handed over is done.
    pub fn caught_up(&mut self) -> Result<(), StorageError> {
        self.conn.here().map(|_| ())
    }

    /// What was handed over is done or never will be: it is about to be taken back.
    pub fn recall(&mut self) -> Result<(), StorageError> {
        self.held.clear();
        self.sheaves.clear();
        self.conn.recalled().map(|_| ())
    }

    /// Begins a part of the transaction that may fail on its own; the end of the one before travels with it.
    pub fn savepoint(&mut self) -> Result<(), StorageError> {
        self.ready()?;
        let over = std::mem::take(&mut self.over);
        let sql = if over { "RELEASE attempt; SAVEPOINT attempt" } else { "SAVEPOINT attempt" };
        Ok(self.conn.here()?.batch_execute(sql)?)
    }

    /// Ends it with everything done that was held back, so that its failure is this part's own.
    pub fn release(&mut self) -> Result<(), StorageError> {
        self.send()?;
        self.over = true;
        Ok(())
    }

    /// Undoes it.
    pub fn take_back(&mut self) -> Result<(), StorageError> {
        self.held.clear();
        self.sheaves.clear();
        self.over = true;
        Ok(self.conn.recalled()?.batch_execute("ROLLBACK TO attempt")?)
    }

    /// Begins a transaction.
    pub fn begin(&mut self) {
        self.over = false;
        self.held.clear();
        self.sheaves.clear();
        self.transaction = Transaction::Promised;
    }

    /// Ends it; everything is on disk afterwards.
    pub fn commit(&mut self) -> Result<(), StorageError> {
        self.send()?;
        self.caught_up()?;
        if std::mem::replace(&mut self.transaction, Transaction::None) == Transaction::Open {
            self.conn.here()?.batch_execute("COMMIT")?;
        }
        Ok(())
    }

    /// Gives it up.
    pub fn rollback(&mut self) -> Result<(), StorageError> {
        self.held.clear();
        self.sheaves.clear();
        if std::mem::replace(&mut self.transaction, Transaction::None) == Transaction::Open {
            self.conn.recalled()?.batch_execute("ROLLBACK")?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<(), StorageError> {
        let rows = self.sheaves.all();
        self.hand_over(rows)?;
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            Together(held).execute(self.conn.here()?)?;
        }
        Ok(())
    }
}

/// Inserts as one statement: all but the last as data-modifying parts of a WITH. References between their
/// rows are checked at its end.
struct Together(Vec<Insert>);

impl QueryFragment<Pg> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some((last, others)) = self.0.split_last() else { return Ok(()) };
        for (at, insert) in others.iter().enumerate() {
            out.push_sql(if at == 0 { "WITH " } else { ", " });
            out.push_identifier(&format!("part{at}"))?;
            out.push_sql(" AS (");
            insert.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        if !others.is_empty() {
            out.push_sql(" ");
        }
        last.walk_ast(out)
    }
}

/// Known by its text: which inserts it holds is not in its type.
impl QueryId for Together {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for Together {}
