package newswire.tests;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.bg.BulgarianAnalyzer;
import org.apache.lucene.analysis.ca.CatalanAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cz.CzechAnalyzer;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.el.GreekAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fa.PersianAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.hi.HindiAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.id.IndonesianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.lt.LithuanianAnalyzer;
import org.apache.lucene.analysis.lv.LatvianAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.sr.SerbianAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.th.ThaiAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** Lucene's analyzers and the two filters of our mappings, under the names that Elasticsearch's distribution gives them. */
public final class AnalysisModule extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> found = new LinkedHashMap<>();
        add(found, "arabic", ArabicAnalyzer::new);
        add(found, "bulgarian", BulgarianAnalyzer::new);
        add(found, "catalan", CatalanAnalyzer::new);
        add(found, "cjk", CJKAnalyzer::new);
        add(found, "czech", CzechAnalyzer::new);
        add(found, "danish", DanishAnalyzer::new);
        add(found, "dutch", DutchAnalyzer::new);
        add(found, "english", EnglishAnalyzer::new);
        add(found, "finnish", FinnishAnalyzer::new);
        add(found, "french", FrenchAnalyzer::new);
        add(found, "german", GermanAnalyzer::new);
        add(found, "greek", GreekAnalyzer::new);
        add(found, "hindi", HindiAnalyzer::new);
        add(found, "hungarian", HungarianAnalyzer::new);
        add(found, "indonesian", IndonesianAnalyzer::new);
        add(found, "italian", ItalianAnalyzer::new);
        add(found, "latvian", LatvianAnalyzer::new);
        add(found, "lithuanian", LithuanianAnalyzer::new);
        add(found, "norwegian", NorwegianAnalyzer::new);
        add(found, "persian", PersianAnalyzer::new);
        add(found, "portuguese", PortugueseAnalyzer::new);
        add(found, "romanian", RomanianAnalyzer::new);
        add(found, "russian", RussianAnalyzer::new);
        add(found, "serbian", SerbianAnalyzer::new);
        add(found, "spanish", SpanishAnalyzer::new);
        add(found, "swedish", SwedishAnalyzer::new);
        add(found, "thai", ThaiAnalyzer::new);
        add(found, "turkish", TurkishAnalyzer::new);
        return found;
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "asciifolding", (index, environment, name, settings) -> new Folding(name),
            "lowercase", (index, environment, name, settings) -> new Lowercase(name));
    }

    private static void add(
        Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> found, String name, Supplier<Analyzer> make
    ) {
        found.put(name, (index, environment, given, settings) -> new Provider(given, make.get()));
    }

    private static final class Provider extends AbstractIndexAnalyzerProvider<Analyzer> {
        private final Analyzer analyzer;

        Provider(String name, Analyzer analyzer) {
            super(name);
            this.analyzer = analyzer;
        }

        @Override
        public Analyzer get() {
            return analyzer;
        }
    }

    private static final class Folding extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        Folding(String name) {
            super(name);
        }

        @Override
        public TokenStream create(TokenStream stream) {
            return new ASCIIFoldingFilter(stream);
        }
    }

    private static final class Lowercase extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        Lowercase(String name) {
            super(name);
        }

        @Override
        public TokenStream create(TokenStream stream) {
            return new org.apache.lucene.analysis.LowerCaseFilter(stream);
        }
    }
}
