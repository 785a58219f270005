//! Objects of a format that knows all of its fields: any other is a misspelling, and comes with its path like every fault.

use crate::faults::{Faults, Path};

/// What an object holds that it should not.
#[derive(Debug, Default)]
pub(crate) struct Strays(Option<Box<Found>>);

#[derive(Debug, Default)]
struct Found {
    unknown: Vec<String>,
    repeated: Vec<&'static str>,
}

impl Strays {
    /// A field of another name.
    pub(crate) fn unknown(&mut self, name: String) {
        self.0.get_or_insert_default().unknown.push(name);
    }

    /// A field that was there already.
    pub(crate) fn repeated(&mut self, name: &'static str) {
        self.0.get_or_insert_default().repeated.push(name);
    }

    /// Notes a fault for each; `fields` are those that the object at `path` may have.
    pub(crate) fn note(&self, fields: &[&str], path: &Path<'_>, faults: &mut Faults) {
        let Some(found) = &self.0 else { return };
        for name in &found.repeated {
            faults.add(path.field(name), "stands here twice");
        }
        for name in &found.unknown {
            faults.add_at(path.named(name), format!("unknown; the fields here are {}", fields.join(", ")));
        }
    }
}

/// Declares objects: their fields in the order in which they are written, each a [`Part`](super::Part). Absent parts are not written.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Serialize)]
        pub(super) struct $name {
            $(
                #[serde(skip_serializing_if = "crate::lenient::Part::is_absent")]
                pub(super) $field: $kind,
            )*
            #[serde(skip)]
            pub(super) strays: crate::lenient::Strays,
        }

        impl $name {
            /// Notes every field that does not belong here.
            pub(super) fn check_fields(&self, path: &crate::faults::Path<'_>, faults: &mut crate::faults::Faults) {
                self.strays.note(&[$(stringify!($field)),*], path, faults);
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut fields: A) -> Result<$name, A::Error> {
                        let mut object = $name::default();
                        while let Some(name) = fields.next_key::<String>()? {
                            match name.as_str() {
                                $(
                                    stringify!($field) => {
                                        if !crate::lenient::Part::is_absent(&object.$field) {
                                            object.strays.repeated(stringify!($field));
                                        }
                                        object.$field = fields.next_value()?;
                                    }
                                )*
                                _ => {
                                    fields.next_value::<serde::de::IgnoredAny>()?;
                                    object.strays.unknown(name);
                                }
                            }
                        }
                        Ok(object)
                    }
                }

                value.deserialize_map(Fields)
            }
        }
    };
}

pub(crate) use object;
