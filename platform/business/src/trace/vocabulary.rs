//! The words of the Core Business Vocabulary 2.0 that stand for themselves in EPCIS documents.

/// A list of words, and the addresses under which the same words have a namespace.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// What the list is called in rules: `cbv:` and this.
    pub(super) name: &'static str,
    /// The web address before a word.
    pub(super) web: &'static str,
    /// The older URN before a word.
    urn: &'static str,
    words: &'static [&'static str],
}

impl Vocabulary {
    /// Whether a bare word is on the list.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// The word of an address within this vocabulary, on the list or not.
    pub(super) fn word<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (prefix, local) = self.web.rsplit_once('/').unwrap_or(("", self.web));
        let curie = if prefix.ends_with("/cbv") { "cbv:" } else { "gs1:" };
        text.strip_prefix(self.web)
            .or_else(|| (!self.urn.is_empty()).then(|| text.strip_prefix(self.urn)).flatten())
            .or_else(|| text.strip_prefix(curie).and_then(|rest| rest.strip_prefix(local)))
    }

    /// The one address of a word however it was written: bare, as a URN, as a compact or a full web address. What is
    /// not of this vocabulary stays as it is.
    pub(super) fn canonical(&self, text: &str) -> String {
        if self.has(text) {
            return format!("{}{text}", self.web);
        }
        self.word(text).map_or_else(|| text.to_owned(), |word| format!("{}{word}", self.web))
    }

    /// Words a reader may have meant.
    pub(super) fn near(&self, text: &str) -> Option<&'static str> {
        let stem: String = text.chars().take(5).collect();
        self.words.iter().find(|word| stem.len() > 3 && word.starts_with(&stem)).copied()
    }
}

/// Business steps (CBV 2.0, 7.1).
pub(super) const BIZ_STEP: Vocabulary = Vocabulary {
    name: "bizStep",
    web: "https://ref.gs1.org/cbv/BizStep-",
    urn: "urn:epcglobal:cbv:bizstep:",
    words: &[
        "accepting",
        "arriving",
        "assembling",
        "collecting",
        "commissioning",
        "consigning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "departing",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "holding",
        "inspecting",
        "installing",
        "killing",
        "loading",
        "other",
        "packing",
        "picking",
        "receiving",
        "removing",
        "repackaging",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "shipping",
        "staging_outbound",
        "stock_taking",
        "stocking",
        "storing",
        "transporting",
        "unloading",
        "unpacking",
        "void_shipping",
    ],
};

/// Dispositions (CBV 2.0, 7.2).
pub(super) const DISPOSITION: Vocabulary = Vocabulary {
    name: "disposition",
    web: "https://ref.gs1.org/cbv/Disp-",
    urn: "urn:epcglobal:cbv:disp:",
    words: &[
        "active",
        "available",
        "completeness_inferred",
        "completeness_verified",
        "conformant",
        "container_closed",
        "container_open",
        "damaged",
        "destroyed",
        "dispensed",
        "disposed",
        "encoded",
        "expired",
        "in_progress",
        "in_transit",
        "inactive",
        "mismatch_class",
        "mismatch_instance",
        "mismatch_quantity",
        "needs_replacement",
        "no_pedigree_match",
        "non_conformant",
        "non_sellable_other",
        "partially_dispensed",
        "recalled",
        "reserved",
        "retail_sold",
        "returned",
        "sellable_accessible",
        "sellable_not_accessible",
        "stolen",
        "unavailable",
        "unknown",
    ],
};

/// Types of business transactions (CBV 2.0, 7.3).
pub(super) const BIZ_TRANSACTION: Vocabulary = Vocabulary {
    name: "bizTransaction",
    web: "https://ref.gs1.org/cbv/BTT-",
    urn: "urn:epcglobal:cbv:btt:",
    words: &[
        "bol",
        "cert",
        "desadv",
        "inv",
        "pedigree",
        "po",
        "poc",
        "prodorder",
        "recadv",
        "rma",
        "testprd",
        "testres",
        "upevt",
    ],
};

/// Types of sources and destinations (CBV 2.0, 7.4).
pub(super) const SOURCE_DESTINATION: Vocabulary = Vocabulary {
    name: "sourceDestination",
    web: "https://ref.gs1.org/cbv/SDT-",
    urn: "urn:epcglobal:cbv:sdt:",
    words: &["location", "owning_party", "possessing_party"],
};

/// Reasons of error declarations (CBV 2.0, 7.5).
pub(super) const ERROR_REASON: Vocabulary = Vocabulary {
    name: "errorReason",
    web: "https://ref.gs1.org/cbv/ER-",
    urn: "urn:epcglobal:cbv:er:",
    words: &["did_not_occur", "incorrect_data"],
};

/// Components of sensor readings (CBV 2.0, 7.8).
pub(super) const COMPONENT: Vocabulary = Vocabulary {
    name: "component",
    web: "https://ref.gs1.org/cbv/Comp-",
    urn: "",
    words: &[
        "altitude",
        "axial_distance",
        "azimuth",
        "easting",
        "elevation_angle",
        "geocoordinate",
        "height",
        "latitude",
        "longitude",
        "northing",
        "polar_angle",
        "spherical_radius",
        "x",
        "y",
        "z",
    ],
};

/// What went wrong with a sensor (GS1 web vocabulary, SensorAlertType).
pub(super) const SENSOR_ALERT: Vocabulary = Vocabulary {
    name: "sensorAlertType",
    web: "https://ref.gs1.org/voc/",
    urn: "",
    words: &["ALARM_CONDITION", "ERROR_CONDITION"],
};

/// What a sensor measures (GS1 web vocabulary, MeasurementType).
pub(super) const MEASUREMENT: Vocabulary = Vocabulary {
    name: "measurementType",
    web: "https://ref.gs1.org/voc/",
    urn: "",
    words: &[
        "AbsoluteHumidity",
        "AbsorbedDose",
        "AbsorbedDoseRate",
        "Acceleration",
        "Activity",
        "Altitude",
        "AmountOfSubstance",
        "AmountOfSubstancePerUnitVolume",
        "Angle",
        "AngularAcceleration",
        "AngularMomentum",
        "AngularVelocity",
        "Area",
        "Capacitance",
        "Conductance",
        "Conductivity",
        "Count",
        "Density",
        "Dimensionless",
        "DoseEquivalent",
        "DoseEquivalentRate",
        "DynamicViscosity",
        "EffectiveDose",
        "EffectiveDoseRate",
        "ElectricCharge",
        "ElectricCurrent",
        "ElectricCurrentDensity",
        "ElectricFieldStrength",
        "Energy",
        "Exposure",
        "Force",
        "Frequency",
        "Illuminance",
        "Inductance",
        "Irradiance",
        "KinematicViscosity",
        "Length",
        "LinearMomentum",
        "Luminance",
        "LuminousFlux",
        "LuminousIntensity",
        "MagneticFlux",
        "MagneticFluxDensity",
        "MagneticVectorPotential",
        "Mass",
        "MassConcentration",
        "MassFlowRate",
        "MassPerAreaTime",
        "MemoryCapacity",
        "MolalityOfSolute",
        "MolarEnergy",
        "MolarMass",
        "MolarVolume",
        "Power",
        "Pressure",
        "RadiantFlux",
        "RadiantIntensity",
        "RelativeHumidity",
        "Resistance",
        "Resistivity",
        "SolidAngle",
        "SpecificVolume",
        "Speed",
        "SurfaceDensity",
        "SurfaceTension",
        "Temperature",
        "Time",
        "Torque",
        "Voltage",
        "Volume",
        "VolumeFlowRate",
        "VolumeFraction",
        "VolumetricFlux",
        "Wavenumber",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_however_it_is_written() {
        let address = "https://ref.gs1.org/cbv/BizStep-shipping";
        for text in ["shipping", "urn:epcglobal:cbv:bizstep:shipping", "cbv:BizStep-shipping", address] {
            assert_eq!(BIZ_STEP.canonical(text), address, "{text}");
        }
        assert_eq!(BIZ_STEP.canonical("https://example.com/x"), "https://example.com/x");
        assert_eq!(MEASUREMENT.canonical("gs1:Angle"), "https://ref.gs1.org/voc/Angle");
        assert_eq!(BIZ_STEP.near("transforming"), Some("transporting"));
    }

    #[test]
    fn lists_are_sorted_and_without_repetition() {
        for list in [BIZ_STEP, DISPOSITION, BIZ_TRANSACTION, COMPONENT, MEASUREMENT] {
            assert!(list.words.is_sorted(), "{}", list.name);
        }
    }
}
