//! The command line: serve (the default), demo, migrate, openapi, staff, keys, wechat-sim.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use yichuang::adapters::clock::{Clock, SystemClock, random_code};
use yichuang::adapters::tokens::Tokens;
use yichuang::config::Settings;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::jobs::Jobs;
use yichuang::storage::Db;
use yichuang::usecases::staff::{NewMember, NewStaff, Post};
use yichuang::wechat_sim::{Simulator, Start};
use yichuang::{assemble, demo, http};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 一窗: the backend of a sub-district's one-stop service window.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Settings that differ from the defaults.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves an instance as configured.
    Serve,
    /// Fills the demo world on first start, then serves it.
    Demo,
    /// Brings the database up to date, or takes the last migrations back.
    Migrate {
        /// Takes back so many migrations, with what only they have room for; taking back all loses all data.
        #[arg(long, value_name = "STEPS")]
        revert: Option<usize>,
    },
    /// Prints the API document.
    Openapi,
    /// Checks that what has happened is what was recorded, or makes a checkpoint now.
    Audit {
        /// What to do.
        #[arg(value_enum)]
        what: AuditCommand,
    },
    /// Makes a new key for access tokens and one for data, or drops one for access tokens at once; tells
    /// which there are for access tokens, oldest first.
    Keys {
        /// Drops the key with this id: every token it signed is refused from then on.
        #[arg(long)]
        drop: Option<String>,
    },
    /// A WeChat to try things out with, on this machine only; production refuses it.
    WechatSim {
        /// Address and port, of this machine.
        #[arg(long, default_value = "127.0.0.1:8090")]
        bind: String,
        /// The mini-program's id.
        #[arg(long, default_value = "wxsim-lingyuan")]
        appid: String,
        /// Its secret.
        #[arg(long, default_value = "simulated-secret")]
        secret: String,
        /// Opens the control plane; made up and printed if left out.
        #[arg(long)]
        control_key: Option<String>,
        /// Of what is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Adds a staff member and prints the code that sets a password once; with YICHUANG_NEW_PASSWORD the
    /// password is that.
    Staff {
        /// Sign-in name.
        username: String,
        /// Name.
        name: String,
        /// clerk, grid_worker, official, supervisor, administrator, security_administrator or auditor.
        role: String,
        /// Street, community or grid.
        region: String,
        /// Department, for an official.
        #[arg(long)]
        department: Option<String>,
        /// Mail address.
        #[arg(long)]
        email: Option<String>,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum AuditCommand {
    /// Names every edit, deletion and reordering made behind the product's back.
    Verify,
    /// Signs a checkpoint over everything so far.
    Checkpoint,
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[actix_web::main]
async fn main() -> std::process::ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "yichuang: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Outcome {
    if matches!(arguments.command, Some(Command::Openapi)) {
        return print(&serde_json::to_string_pretty(&http::openapi::document())?);
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,yichuang=info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    // What a panic says may repeat a value, and is no line of the log; where it happened finds it.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "a panic");
    }));
    let settings = Settings::load(arguments.config.as_deref(), std::env::vars())?;
    match arguments.command {
        None | Some(Command::Serve) => serve(&settings, false).await,
        Some(Command::Demo) => serve(&settings, true).await,
        Some(Command::Migrate { revert }) => {
            let vault = assemble::vault(&settings, &SystemClock)?;
            match revert {
                Some(steps) => Ok(Db::revert(&settings.storage, vault, steps)?),
                None => Ok(Db::open(&settings.storage, vault).map(|_| ())?),
            }
        }
        Some(Command::Openapi) => Ok(()),
        Some(Command::Audit { what }) => audit(&settings, what).await,
        Some(Command::Keys { drop }) => keys(&settings, drop),
        Some(Command::WechatSim { bind, appid, secret, control_key, seed }) => {
            if settings.server.production {
                return Err("the simulator has no place in production".into());
            }
            let control_key = control_key.unwrap_or_else(|| random_code(16));
            let told = format!("x-sim-key: {control_key}");
            let simulator = Simulator::new(Start { appid, secret, control_key, seed });
            let (server, addresses) = simulator.serve(&bind)?;
            let at = addresses.first().map(ToString::to_string).unwrap_or_default();
            print(&format!("http://{at} {told}"))?;
            Ok(server.await?)
        }
        Some(Command::Staff { username, name, role, region, department, email }) => {
            let role = Role::from_name(&role).ok_or("no such role")?;
            let region = Region::parse(&region)?;
            let office = assemble::office(&settings, Arc::new(SystemClock))?;
            let Ok(password) = std::env::var("YICHUANG_NEW_PASSWORD") else {
                let post = Post { role, region, department };
                let new = NewMember { username, name, email, agency: None };
                let opened = office.invite(None, new, &[post]).await?;
                return print(&format!("{} {}", opened.member.username, opened.setup_code));
            };
            let new = NewStaff { username, name, password, role, region, department, email };
            let member = office.add_staff(new).await?;
            print(&format!("{} {}", member.username, member.actor.id))
        }
    }
}

async fn audit(settings: &Settings, what: AuditCommand) -> Outcome {
    let office = assemble::office(settings, Arc::new(SystemClock))?;
    match what {
        AuditCommand::Checkpoint => Ok(office.checkpoint().await?),
        AuditCommand::Verify => {
            let findings = office.verify_audit().await?;
            for finding in &findings {
                print(finding)?;
            }
            match findings.len() {
                0 => print("everything is as it was recorded"),
                number => Err(format!("{number} findings").into()),
            }
        }
    }
}

fn keys(settings: &Settings, drop: Option<String>) -> Outcome {
    let now = SystemClock.now();
    let tokens = Tokens::open(&settings.data.folder, &settings.tokens.issuer, now)?;
    match drop {
        Some(kid) if !tokens.drop_key(&kid)? => return Err("no such key, or the only one".into()),
        Some(_) => {}
        None => {
            tokens.rotate(now)?;
            assemble::vault(settings, &SystemClock)?.rotate(now.timestamp())?;
        }
    }
    for key in tokens.public_keys().keys {
        print(&key.common.key_id.unwrap_or_default())?;
    }
    Ok(())
}

async fn serve(settings: &Settings, with_demo: bool) -> Outcome {
    if with_demo && settings.server.production {
        return Err("the demo world has no place in production".into());
    }
    if with_demo {
        demo::fill(settings).await?;
    }
    let office = assemble::office(settings, Arc::new(SystemClock))?;
    let (server, addresses) = http::serve(office.clone(), &settings.server)?;
    let jobs = Jobs::start(&office);
    let at = addresses.first().map(ToString::to_string).unwrap_or_default();
    if with_demo {
        print(&demo::what_to_try(&at))?;
    } else {
        print(&format!("http://{at}/docs/"))?;
    }
    server.await?;
    jobs.stop().await;
    Ok(())
}

fn print(text: &str) -> Outcome {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
